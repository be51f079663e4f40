"""The Gradio demo: a photo to a pencil sketch, a sketch to a photo, and how close the sketches are to an artist's."""

from __future__ import annotations

import logging
import os

try:
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # nothing is sent anywhere at start-up
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

    from demo import uploads
    from demo.model_catalog import ModelCatalog, parse_device, set_device

    uploads.prepare_folder()  # Gradio asks for its folder when it is imported
    if __name__ == "__main__":
        set_device(parse_device())  # before Gradio is imported, which takes seconds

    from demo.tabs import MORE, TABS
    from demo.ui import build

    logging.basicConfig(format="%(message)s")
    logging.getLogger("facesketch").setLevel(logging.INFO)
    models = ModelCatalog(os.environ.get("FACESKETCH_MODELS", ""))
    demo = build(models, TABS, MORE)

    if __name__ == "__main__":
        for problem in models.problems:
            print(problem, flush=True)
        demo.launch()
except KeyboardInterrupt:  # Ctrl-C while Gradio and PyTorch are imported, which takes seconds
    raise SystemExit(130) from None
