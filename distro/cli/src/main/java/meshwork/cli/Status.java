package meshwork.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

import meshwork.cli.NodeClient.Health;
import meshwork.cli.NodeClient.ModelHealth;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Says whether a node runs, where, since when, and how its models are. */
@Command(name = "status", description = "Says whether a node runs, where, since when, and how its models are.")
final class Status implements Callable<Integer> {

	@Mixin
	private DataOption data;

	@Option(names = "--json", description = "As JSON.")
	private boolean json;

	@Override
	public Integer call() {
		DataFolder folder = data.folder();
		if (json && folder.running().isEmpty()) {
			System.out.println("{\"status\":\"stopped\"}");
			return ExitCode.NOT_RUNNING.code();
		}
		RunningNode node = folder.mustRun();
		Health health = NodeClient.of(node).health();
		if (json)
			printJson(folder, node, health);
		else
			print(folder, node, health);
		return ExitCode.OK.code();
	}

	private static void printJson(DataFolder folder, RunningNode node, Health health) {
		var all = JsonMapper.shared().createObjectNode();
		all.put("status", health.status()).put("version", node.version()).put("pid", node.pid()).put("started", node.started().toString())
				.put("url", node.url().toString()).put("data", folder.path().toString());
		resident(node).ifPresent(bytes -> all.put("residentBytes", bytes));
		all.putPOJO("models", health.models());
		System.out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(all));
	}

	private static void print(DataFolder folder, RunningNode node, Health health) {
		System.out.printf("Meshwork %s, process %d, for %s%n%n", node.version(), node.pid(), text(Duration.between(node.started(), Instant.now())));
		row("API", node.url() + "v1");
		row("status", health.status());
		row("data", folder.path().toString());
		resident(node).ifPresent(bytes -> row("memory", "%d MB".formatted(bytes >> 20)));
		String name = "models";
		for (ModelHealth model : health.models()) {
			row(name, model.id() + "  " + model.text() + model.problem().map(it -> ": " + it).orElse(""));
			name = "";
		}
	}

	private static void row(String name, String value) {
		System.out.printf("  %-7s  %s%n", name, value);
	}

	/** The two largest units: {@code 3 h 12 min}. */
	static String text(Duration duration) {
		if (duration.toDays() > 0)
			return "%d d %d h".formatted(duration.toDays(), duration.toHoursPart());
		if (duration.toHours() > 0)
			return "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart());
		if (duration.toMinutes() > 0)
			return "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
		return "%d s".formatted(duration.toSeconds());
	}

	/** The memory that the process holds, where the system tells. */
	private static OptionalLong resident(RunningNode node) {
		try {
			for (String line : Files.readAllLines(Path.of("/proc", Long.toString(node.pid()), "status")))
				if (line.startsWith("VmRSS:"))
					return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) << 10);
		} catch (IOException e) {
			// not Linux
		}
		return OptionalLong.empty();
	}
}
