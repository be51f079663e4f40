"""The command line's parts: its arguments, what goes where, and export to ONNX."""
