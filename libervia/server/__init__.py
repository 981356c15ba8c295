"""The web server: sessions, security headers, pages found by their folder, live updates."""
