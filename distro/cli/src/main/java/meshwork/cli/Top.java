package meshwork.cli;

import java.io.IOException;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what the running node does just now. */
@Command(name = "top", description = "Shows what the running node does, live: models, streams, tokens per second, queue, cache. q ends it.")
final class Top implements Callable<Integer> {

	@Mixin
	private DataOption data;

	@Option(names = "--once", description = "Print it once; the default where the output is no terminal.")
	private boolean once;

	@Override
	public Integer call() throws IOException {
		RunningNode node = data.folder().mustRun();
		try (var client = new ShellClient(node.socket())) {
			boolean well = !once && LiveScreen.takes("mesh:top") ? LiveScreen.run(client, "mesh:top") : client.run("mesh:top --once");
			return (well ? ExitCode.OK : ExitCode.REFUSED).code();
		}
	}
}
