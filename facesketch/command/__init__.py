"""The command line: arguments, which file goes where, drawing, and export to ONNX."""
