"""Who may open the page: token, cookie, host names, security headers."""
