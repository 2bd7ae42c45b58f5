package meshwork.cli;

import java.io.IOException;
import java.util.List;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes, lists and revokes API keys; a node that runs heeds it at once. */
@Command(name = "key", description = "Makes, lists and revokes API keys. A running node heeds it with the next request.")
final class KeyCommand implements Runnable {

	@Spec
	private CommandSpec spec;

	@Mixin
	private DataOption data;

	@Override
	public void run() {
		throw new ParameterException(spec.commandLine(), "say what to do with keys: new NAME, list or revoke NAME");
	}

	private ApiKeys keys() {
		return new ApiKeys(LaunchPlan.keyFile(Home.find(), data.folder()));
	}

	@Command(name = "new", description = "Makes a key and prints it, this once. From the first key on, requests have to bring one.")
	int make(@Parameters(paramLabel = "NAME", description = "Who gets it; the log says it instead of the key.") String name) throws IOException {
		System.out.println(keys().add(name));
		return ExitCode.OK.code();
	}

	@Command(name = "list", description = "Lists whose keys there are.")
	int list() throws IOException {
		List<String> names = keys().names();
		names.forEach(System.out::println);
		return ExitCode.OK.code();
	}

	@Command(name = "revoke", description = "Takes a key away.")
	int revoke(@Parameters(paramLabel = "NAME", description = "Whose.") String name) throws IOException {
		keys().remove(name);
		return ExitCode.OK.code();
	}
}
