package meshwork.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a running node tells other commands, in {@code node.json} of its data folder.
 *
 * @param pid its process
 * @param started when that process began, so that another one that got its number later is not taken for it
 * @param url where its API listens
 * @param socket where its shell listens
 * @param apiKey what commands of this machine show its API
 * @param certificate by which its API proves who it is, if it speaks TLS
 * @param version its release
 */
record RunningNode(long pid, Instant started, URI url, Path socket, String apiKey, Optional<Path> certificate, String version) {

	/** Two readings of a process's start may differ by the grain of the system's clock. */
	private static final Duration CLOCK_GRAIN = Duration.ofSeconds(2);

	/** This process as a node. */
	static RunningNode here(URI url, Path socket, String apiKey, Optional<Path> certificate) {
		ProcessHandle process = ProcessHandle.current();
		return new RunningNode(process.pid(), started(process), url, socket, apiKey, certificate, Home.version());
	}

	/** The node that wrote a file; empty when there is no file, or its node is gone. */
	static Optional<RunningNode> read(Path file) {
		try {
			JsonNode node = JsonMapper.shared().readTree(Files.readString(file));
			var read = new RunningNode(node.path("pid").asLong(), Instant.parse(node.path("started").asString()),
					URI.create(node.path("url").asString()), Path.of(node.path("socket").asString()),
					node.path("apiKey").asString(), Optional.ofNullable(node.get("certificate")).map(JsonNode::asString).map(Path::of), node.path("version").asString());
			return read.process().isPresent() ? Optional.of(read) : Optional.empty();
		} catch (IOException | RuntimeException e) {
			// half a file, or another program's: no node
			return Optional.empty();
		}
	}

	/** Its process, while it runs; one that ended and is still to be reaped has no command any more. */
	Optional<ProcessHandle> process() {
		return ProcessHandle.of(pid).filter(process -> process.info().command().isPresent())
				.filter(process -> Duration.between(started, started(process)).abs().compareTo(CLOCK_GRAIN) <= 0);
	}

	/** Writes the file, readable by its owner only, whole or not at all. */
	void write(Path file) throws IOException {
		var json = JsonMapper.shared().createObjectNode();
		json.put("pid", pid).put("started", started.toString()).put("url", url.toString()).put("socket", socket.toString())
				.put("apiKey", apiKey).put("version", version);
		certificate.ifPresent(path -> json.put("certificate", path.toString()));
		Path whole = Files.createTempFile(file.getParent(), "node", ".json", PosixFilePermissions.asFileAttribute(DataFolder.OWNER_FILE));
		Files.writeString(whole, json + "\n");
		Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	private static Instant started(ProcessHandle process) {
		return process.info().startInstant().orElse(Instant.EPOCH);
	}
}
