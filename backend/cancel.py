"""The one exception that ends a generation early; apart from the pipeline so that it costs no import of torch."""


class Cancelled(Exception):
    """Raised by a step callback: stop now, nothing is wrong."""
