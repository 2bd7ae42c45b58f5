#!/bin/sh
# What a decode step costs in Java. Build the node first (mvn package); JAVA_HOME has to be a JDK 25.
set -eu
cd "$(dirname "$0")/../../.."
out=distro/bench/step/target
path=bundles/api/target/classes:bundles/runtime/target/classes:bundles/gguf/target/classes:engines/plain/target/classes:$(ls distro/node/target/node/bundle/*.jar | tr '\n' ':')
mkdir -p "$out"
"${JAVA_HOME:?has to be a JDK 25}/bin/javac" -proc:none -cp "$path" -d "$out" distro/bench/step/Step.java
exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC -cp "$out:$path" meshwork.runtime.Step
