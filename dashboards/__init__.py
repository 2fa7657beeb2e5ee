"""Pages that show the published file: python -m streamlit run dashboards/Overview.py."""
