"""Getting a road network: OpenStreetMap files and downloads, and the embedded London."""
