"""A minimal HTTP server that can also send wrong bytes."""
