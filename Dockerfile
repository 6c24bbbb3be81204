# The wheel and what it needs, in an environment that the second stage copies as it is.
FROM python:3.12-slim-bookworm AS build

# What SYNCV3_PPROF and SYNCV3_OTLP_URL need. Nothing of it is loaded while they are not set.
ARG EXTRAS=profiling,tracing

WORKDIR /source
COPY pyproject.toml setup.py LICENSE app.py ./
COPY syncv3 syncv3
COPY extensions extensions
COPY models models
COPY migrations migrations
COPY client client
# The version that is installed is that of the wheel, which has just been made.
# hadolint ignore=DL3013
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel . \
    && python -m venv --without-pip /opt/syncv3 \
    && set -- /wheel/*.whl \
    && pip --python /opt/syncv3 install --no-cache-dir --compile "$1${EXTRAS:+[$EXTRAS]}"


FROM python:3.12-slim-bookworm

# A number, as Kubernetes can only tell of a number that it is not root.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin syncv3 \
    && install -d -o syncv3 -g syncv3 -m 700 /data \
    && install -d /app
COPY --from=build /opt/syncv3 /opt/syncv3

ARG COMMIT=unknown
ENV PATH=/opt/syncv3/bin:$PATH \
    SYNCV3_COMMIT=$COMMIT \
    SYNCV3_BINDADDR=0.0.0.0:8008 \
    SYNCV3_DATA_DIR=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER 10001
WORKDIR /app
VOLUME /data
EXPOSE 8008
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["syncv3", "healthcheck"]
CMD ["syncv3", "serve"]
