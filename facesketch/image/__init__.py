"""Pictures: reading and writing, colors, affine transforms, detail transfer and compositing."""
