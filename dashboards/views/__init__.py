"""One script a page; the navigation in Overview.py runs them."""
