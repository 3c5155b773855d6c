"""Actions of the harvest room and who may call them."""
