# Loader and dbt, for any user and a mounted folder: docs/operations.md, "In a container".
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements-uv.lock requirements.lock ./
RUN python -m venv /uv \
    && /uv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-uv.lock \
    && python -m venv --without-pip /venv \
    && /uv/bin/uv pip install --no-cache --compile-bytecode --python /venv/bin/python \
        --no-deps --require-hashes -r requirements.lock

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    DBT_PROJECT_DIR=/app \
    DBT_PROFILES_DIR=/app \
    DBT_LOG_PATH=/data/dbt \
    DBT_TARGET_PATH=/data/dbt/target \
    WAREHOUSE_DIR=/data \
    HOME=/tmp
COPY --from=build /venv /venv
COPY . /app
RUN python -m compileall -q /app/loader && mkdir -m 777 /data
# Any other user does, too: docker run --user "$(id -u):$(id -g)".
USER 1000:1000
WORKDIR /data
CMD ["python", "-m", "loader", "--help"]
