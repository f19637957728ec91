# s2f on a processor: docker build -t s2f . && docker run --rm -v "$PWD:/work" s2f translate --to sketch photos
# The server:        docker compose up --build (compose.yaml)
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE NOTICE constraints.txt ./
COPY licenses licenses
COPY s2f_cli s2f_cli
RUN python -m venv /opt/s2f \
 && /opt/s2f/bin/pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu \
    -c constraints.txt '.[onnx,video,web]'

FROM python:3.12-slim AS s2f
RUN useradd --create-home --uid 1000 --user-group s2f
COPY --from=build /opt/s2f /opt/s2f
ENV PATH=/opt/s2f/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# A number, by which Kubernetes knows that the user is not root (runAsNonRoot).
USER 1000:1000
WORKDIR /work
ENTRYPOINT ["s2f"]
CMD ["--help"]

# It writes only to /tmp, so the root filesystem can be read-only: --read-only --tmpfs /tmp.
FROM s2f AS serve
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["serve", "--host", "0.0.0.0", "--log-format", "json"]

FROM s2f
