# syntax=docker/dockerfile:1
# The same steps as `make run`: the browser build, then the package with its base dependencies.

FROM node:22-slim AS browser
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

# The compiled kernels need a compiler, and nothing of it when they run.
FROM python:3.11 AS kernels
WORKDIR /build
COPY pyproject.toml setup.py README.md LICENSE ./
COPY backend/ backend/
COPY models/ models/
RUN pip install --no-cache-dir setuptools && python setup.py build_ext --inplace

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 segmentarium \
    && mkdir /data && chown segmentarium: /data
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Editable, as on a developer's machine: migrations/ and frontend/dist are found beside the package.
COPY pyproject.toml setup.py constraints.txt README.md LICENSE ./
COPY backend/ backend/
COPY models/ models/
COPY migrations/ migrations/
COPY docs/errors.md docs/errors.md
RUN pip install --editable . --constraint constraints.txt
COPY --from=kernels /build/backend/segmentarium/core/ backend/segmentarium/core/
COPY --from=browser /build/frontend/dist/ frontend/dist/

USER segmentarium
ENV SEGMENTARIUM_DATA_DIR=/data SEGMENTARIUM_HOST=0.0.0.0
VOLUME /data
EXPOSE 8000
# If SEGMENTARIUM_ALLOWED_HOSTS is set, it must hold 127.0.0.1 for this.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/health', timeout=4)"]
CMD ["segmentarium", "serve", "--no-browser", "--port", "8000"]
