"""Act: what leaves the house. Reads audiences from `lake/gold`, sends, and records every answer."""
