# An image that contains only the static sfcred binary:
#
#   docker build -t sfcred .
#   docker run --rm -v "$PWD:/work:ro" sfcred lint
FROM rust:1.95-slim-bookworm AS build
RUN rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /source
COPY . .
RUN cargo build --release --locked --target "$(uname -m)-unknown-linux-musl" \
    && cp "target/$(uname -m)-unknown-linux-musl/release/sfcred" /sfcred

FROM scratch
COPY --from=build /sfcred /sfcred
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/sfcred"]
CMD ["lint"]
