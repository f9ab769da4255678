"""dubsync's readers, writers and renders for OpenTimelineIO; plugin_manifest.json lists them."""
