"""The demo's page, one tab a file; imports facesketch, never train."""
