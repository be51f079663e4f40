# The demo on a CPU, as a user without rights; docs/scale.md says how to build and run it.
FROM python:3.12-slim
ARG TORCH_INDEX
RUN useradd --uid 1000 --no-create-home facesketch
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" torch
RUN pip install --no-cache-dir -r requirements.txt
COPY app.py README.md LICENSE ./
COPY demo demo/
COPY docs docs/
COPY examples examples/
COPY facesketch facesketch/
COPY weights weights/
USER facesketch
ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 GRADIO_TEMP_DIR=/tmp/facesketch
ENV HOME=/tmp HF_HOME=/tmp/huggingface PYTHONDONTWRITEBYTECODE=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s CMD ["python", "-m", "demo.health"]
CMD ["python", "app.py"]
