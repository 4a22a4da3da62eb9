"""A minimal HTTP server that can also send invalid bytes."""
