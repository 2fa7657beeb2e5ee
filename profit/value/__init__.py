"""What a customer is worth: purchase, spend and retention models, fitted by maximum likelihood."""
