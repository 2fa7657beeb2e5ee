"""Plans and scenarios on the terminal: what is published of them, and scenarios that are tried without a build."""
