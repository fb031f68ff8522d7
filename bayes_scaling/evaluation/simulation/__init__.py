"""Tables drawn from a law with their truth, and calibration over many of them."""
