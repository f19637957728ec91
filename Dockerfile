# s2f on a processor: docker build -t s2f . && docker run --rm -v "$PWD:/work" s2f translate --to sketch photos
# The page:          docker run --rm -p 127.0.0.1:8000:8000 s2f serve --host 0.0.0.0
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE NOTICE constraints.txt ./
COPY licenses licenses
COPY s2f_cli s2f_cli
RUN python -m venv /opt/s2f \
 && /opt/s2f/bin/pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu \
    -c constraints.txt '.[onnx,video,web]'

FROM python:3.12-slim
RUN useradd --create-home --uid 1000 s2f
COPY --from=build /opt/s2f /opt/s2f
ENV PATH=/opt/s2f/bin:$PATH
USER s2f
WORKDIR /work
EXPOSE 8000
HEALTHCHECK NONE
ENTRYPOINT ["s2f"]
CMD ["--help"]
