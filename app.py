"""The Gradio demo: a photo to a pencil sketch, a sketch to a photo, and how close the sketches are to an artist's."""

from __future__ import annotations

import logging
import os
import sys
import tempfile

try:
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # nothing is sent anywhere at start-up
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # what fails is one sentence of ours

    from demo import uploads
    from demo.model_catalog import ModelCatalog, parse_device, set_device
    from demo.startup import PORT, StartError, loopback_without_proxies, port_problem, requested_port

    try:
        port = None
        folder = uploads.prepare_folder()  # Gradio asks for its folder when it is imported
        if __name__ == "__main__":
            tempfile.tempdir = str(folder)
            set_device(parse_device())  # before Gradio is imported, which takes seconds
            port = requested_port()
    except StartError as error:
        print(f"app.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None

    with loopback_without_proxies():
        from demo.tabs import MORE, TABS
        from demo.ui import build

    logging.basicConfig(format="%(message)s")
    logging.getLogger("facesketch").setLevel(logging.INFO)
    models = ModelCatalog(os.environ.get("FACESKETCH_MODELS", ""))
    demo = build(models, TABS, MORE)

    if __name__ == "__main__":
        for problem in models.problems:
            print(problem, flush=True)
        if port is None and (taken := port_problem(PORT)):
            print(taken, "The next free port is used.", flush=True)
        demo.launch(server_port=port)
except KeyboardInterrupt:  # Ctrl-C while Gradio and PyTorch are imported, which takes seconds
    raise SystemExit(130) from None
