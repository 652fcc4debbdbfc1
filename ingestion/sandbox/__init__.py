"""A pretend car brand: its people, its data, and servers that speak its systems' protocols."""
