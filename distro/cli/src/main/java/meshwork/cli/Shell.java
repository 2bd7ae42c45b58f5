package meshwork.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Attaches to the shell of the running node. */
@Command(name = "shell", description = "Attaches to the shell of the running node; with a command, runs that one and returns.",
		footer = { "", "For example: meshwork shell mesh:models", "             echo mesh:status | meshwork shell" })
final class Shell implements Callable<Integer> {

	@Mixin
	private DataOption data;

	@Parameters(paramLabel = "COMMAND", description = "One command line to run.")
	private List<String> words = List.of();

	@Override
	public Integer call() throws IOException {
		DataFolder folder = data.folder();
		RunningNode node = folder.mustRun();
		try (var connection = new ShellClient(node.socket())) {
			if (!words.isEmpty())
				return code(LiveScreen.takes(line()) ? LiveScreen.run(connection, line()) : connection.run(line()));
			if (Terminal.inIsTerminal() && Terminal.outIsTerminal())
				return code(new ShellPrompt(connection, folder.history()).run());
			return code(pipe(connection));
		}
	}

	/** One word is a command line as it stands; several are its words, each as the user's own shell passed it on. */
	private String line() {
		return words.size() == 1 ? words.getFirst()
				: words.stream().map(word -> word.matches("\\S+") ? word : '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
						.collect(Collectors.joining(" "));
	}

	/** Runs each line of the standard input; tells whether the last one went well. */
	private static boolean pipe(ShellClient client) throws IOException {
		boolean well = true;
		var lines = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
		for (String line = lines.readLine(); line != null; line = lines.readLine())
			if (!line.isBlank())
				well = client.run(line);
		return well;
	}

	private static int code(boolean well) {
		return (well ? ExitCode.OK : ExitCode.REFUSED).code();
	}
}
