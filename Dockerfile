FROM python:3.12-slim-bookworm AS build

WORKDIR /source
COPY pyproject.toml setup.py LICENSE app.py ./
COPY syncv3 syncv3
COPY extensions extensions
COPY models models
COPY migrations migrations
COPY client client
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .


FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /data --shell /usr/sbin/nologin syncv3 \
    && install -d -o syncv3 -g syncv3 /data /app

COPY --from=build /wheel /wheel
RUN pip install --no-cache-dir /wheel/*.whl && rm -r /wheel

ARG COMMIT=unknown
ENV SYNCV3_COMMIT=$COMMIT \
    SYNCV3_BINDADDR=0.0.0.0:8008 \
    SYNCV3_DATA_DIR=/data \
    PYTHONUNBUFFERED=1

USER syncv3
WORKDIR /app
VOLUME /data
EXPOSE 8008
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["syncv3", "healthcheck"]
CMD ["sanic", "app", "serve"]
