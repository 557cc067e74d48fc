# MinIO from its source: the project publishes neither images nor programs any more, and names this
# as the way to get it. The last images that it published have known vulnerabilities, and those of
# others may stop as well; the Go and Alpine images that this is built from are kept up.
#
# The version is pinned: it is the one that this project is tested with.
FROM golang:1.26-alpine AS build
ENV CGO_ENABLED=0
RUN go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

FROM alpine:3.22
# curl asks whether it is alive, and makes the bucket.
RUN apk add --no-cache ca-certificates curl \
    && adduser -D -H minio \
    # A new volume takes over the owner of the folder that it covers.
    && install -d -o minio -g minio /data
COPY --from=build /go/bin/minio /usr/bin/minio
USER minio
VOLUME /data
EXPOSE 9000 9001
CMD ["minio", "server", "/data", "--console-address", ":9001"]
