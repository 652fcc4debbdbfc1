"""A pretend car brand: a generator of its people and data, and servers that speak its systems' protocols."""
