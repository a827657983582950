# syntax=docker/dockerfile:1
# docker build -t nearest-crew .
# docker run -p 8000:8000 nearest-crew                                    embedded London, demo fleet
# docker run -p 8000:8000 -v /srv/london:/network:ro \
#   -e NEAREST_CREW_NETWORK=/network nearest-crew                         a network you built

FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/nearest-crew
ENV PATH=/opt/nearest-crew/bin:$PATH
COPY requirements.lock ./
RUN pip install --no-cache-dir --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY routing routing
COPY geo_data geo_data
RUN pip install --no-cache-dir --no-deps .
# Compile everything into the image, so that a container is ready in seconds: what contracts a network
# and searches its hierarchy, and what answers on the embedded London, which has none. Compiled code is
# kept by the path of its source: -P has Python take what is installed, not what was copied here.
ENV NUMBA_CACHE_DIR=/opt/nearest-crew/numba
RUN nearest-crew network synthesise --junctions 2000 --output /tmp/synthetic
RUN start="from app.main import build_service; from app.settings import Settings; build_service(Settings())" \
    && NEAREST_CREW_NETWORK=/tmp/synthetic python -P -c "$start" && python -P -c "$start"

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home crew \
    && install --directory --owner=crew /var/lib/nearest-crew/replays
COPY --from=build --chown=crew /opt/nearest-crew /opt/nearest-crew
ENV PATH=/opt/nearest-crew/bin:$PATH \
    NUMBA_CACHE_DIR=/opt/nearest-crew/numba \
    NEAREST_CREW_REPLAYS=/var/lib/nearest-crew/replays \
    PYTHONUNBUFFERED=1
VOLUME /var/lib/nearest-crew/replays
USER crew
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["nearest-crew", "serve", "--host", "0.0.0.0", "--port", "8000"]
