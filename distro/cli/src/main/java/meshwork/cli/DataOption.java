package meshwork.cli;

import java.nio.file.Path;
import java.util.Optional;

import picocli.CommandLine.Option;

/** The option by which every command finds its node. */
final class DataOption {

	@Option(names = "--data", paramLabel = "DIR", description = "The node's data folder. Default: $MESHWORK_DATA or ~/.meshwork.")
	private Optional<Path> data;

	/** A command line that finds the same node. */
	String with(String command) {
		return command + data.map(folder -> " --data " + folder).orElse("");
	}

	DataFolder folder() {
		return DataFolder.of(data);
	}
}
