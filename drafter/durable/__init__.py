"""What goes on where it was after a crash."""

from drafter.durable.delivering import durable_deliveries

__all__ = ["durable_deliveries"]
