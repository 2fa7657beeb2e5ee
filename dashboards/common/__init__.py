"""What all pages share: the open file, filters, tables and charts."""
