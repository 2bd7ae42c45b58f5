package meshwork.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import meshwork.cli.NodeClient.Health;

/**
 * Starts a node in a process that outlives this one: in a session of its own where the system has {@code setsid}, and deaf
 * to the terminal's end in any case.
 */
final class Daemon {

	private static final long POLL_MS = 25;

	private final LaunchPlan plan;
	private final List<String> arguments;

	Daemon(LaunchPlan plan, List<String> arguments) {
		this.plan = plan;
		this.arguments = arguments;
	}

	/**
	 * Starts it and waits until its models are ready.
	 *
	 * @throws Refusal what it says when it ends before that
	 */
	Health start() throws IOException, InterruptedException {
		Path log = plan.data().log();
		DataFolder.makeFolder(log.getParent());
		if (Files.exists(log))
			Files.move(log, log.resolveSibling("node.log.1"), StandardCopyOption.REPLACE_EXISTING);
		var command = new ArrayList<String>();
		command.add(onPath("setsid") ? "setsid" : "nohup");
		command.addAll(List.of(plan.home().script().toString(), "serve", "--data", plan.data().path().toString()));
		command.addAll(arguments);
		Process process = new ProcessBuilder(command).redirectInput(new File("/dev/null")).redirectErrorStream(true)
				.redirectOutput(log.toFile()).start();
		var interrupted = new Thread(process::destroy, "stop");
		Runtime.getRuntime().addShutdownHook(interrupted);
		Health health = new Progress().await(NodeClient.of(node(process, log)));
		Runtime.getRuntime().removeShutdownHook(interrupted);
		return health;
	}

	private RunningNode node(Process process, Path log) throws IOException, InterruptedException {
		while (process.isAlive()) {
			Optional<RunningNode> node = plan.data().running().filter(running -> running.pid() == process.pid());
			if (node.isPresent())
				return node.get();
			Thread.sleep(POLL_MS);
		}
		throw ended(process, log);
	}

	private static Refusal ended(Process process, Path log) throws IOException {
		String said = Files.readString(log).lines().filter(line -> line.startsWith("meshwork: ")).reduce((_, last) -> last)
				.map(line -> line.substring("meshwork: ".length())).orElse("the node ended while it started; see " + log);
		return new Refusal(Arrays.stream(ExitCode.values()).filter(code -> code.code() == process.exitValue()).findFirst()
				.orElse(ExitCode.NOT_READY), said);
	}

	private static boolean onPath(String program) {
		return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
				.anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
	}
}
