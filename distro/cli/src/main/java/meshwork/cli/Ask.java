package meshwork.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import meshwork.cli.NodeClient.ModelHealth;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Asks a model, and streams its answer. */
@Command(name = "ask", description = "Asks a model and streams its answer; starts a node for itself if none runs.")
final class Ask implements Callable<Integer> {

	@Parameters(paramLabel = "QUESTION", description = "What to ask; - reads it from the standard input.")
	private String question;

	@Option(names = "--model", paramLabel = "NAME|FILE", description = "A model of the running node, or a GGUF file to start a node with. Default: the first model there is.")
	private Optional<String> model;

	@Option(names = "--system", paramLabel = "TEXT", description = "A system message before the question.")
	private Optional<String> system;

	@Option(names = "--max-tokens", paramLabel = "N", description = "Most tokens of the answer.")
	private Optional<Integer> maxTokens;

	@Option(names = "--temperature", paramLabel = "X", description = "How freely tokens are picked; 0 for the likeliest always.")
	private Optional<Double> temperature;

	@Mixin
	private DataOption data;

	private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	@Override
	public Integer call() throws IOException, InterruptedException {
		String asked = question.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip() : question;
		if (asked.isBlank())
			throw new Refusal(ExitCode.USAGE, "the question is empty");
		Optional<Path> file = model.map(Path::of).filter(Files::isRegularFile);
		Optional<RunningNode> running = data.folder().running();
		if (running.isPresent() && file.isEmpty())
			ask(NodeClient.of(running.get()), asked);
		else if (running.isEmpty() && model.isPresent() && file.isEmpty())
			throw new Refusal(ExitCode.NO_FILE, "no node runs on %s, and there is no model file '%s' to start one with"
					.formatted(data.folder().path(), model.get()));
		else
			askOwnNode(file, asked);
		return ExitCode.OK.code();
	}

	/** A node for this question alone, with a data folder that goes with it. */
	private void askOwnNode(Optional<Path> file, String asked) throws IOException, InterruptedException {
		Home home = Home.find();
		Path folder = Files.createTempDirectory("meshwork");
		Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "clean up"));
		LaunchPlan.Options options = LaunchPlan.Options.NONE.withPort(0).quietly();
		LaunchPlan plan = LaunchPlan.of(home, new DataFolder(folder, data.folder().conf()), file.map(options::withModel).orElse(options));
		plan.check();
		try (Node node = new Node(plan)) {
			var client = node.awaitApi();
			new Progress().await(client);
			ask(client, asked);
		}
	}

	private void ask(NodeClient client, String asked) {
		ObjectNode request = JsonMapper.shared().createObjectNode();
		request.put("model", model.filter(name -> !Files.isRegularFile(Path.of(name))).orElseGet(() -> firstModel(client)));
		request.put("stream", true);
		maxTokens.ifPresent(most -> request.put("max_tokens", most));
		temperature.ifPresent(value -> request.put("temperature", value));
		var messages = request.putArray("messages");
		system.ifPresent(text -> messages.addObject().put("role", "system").put("content", text));
		messages.addObject().put("role", "user").put("content", asked);
		client.chat(request, text -> {
			out.print(text);
			if (out.checkError())
				throw new Refusal(ExitCode.REFUSED, "nobody reads the answer any more");
		});
		out.println();
	}

	static String firstModel(NodeClient client) {
		return client.health().models().stream().filter(ModelHealth::ready).map(ModelHealth::id).findFirst()
				.orElseThrow(() -> new Refusal(ExitCode.REFUSED, "the node at %s has no model that is ready".formatted(client.url())));
	}

	private static void delete(Path folder) {
		try (Stream<Path> files = Files.walk(folder)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList())
				Files.deleteIfExists(file);
		} catch (IOException e) {
			System.err.println("meshwork: %s could not be removed: %s".formatted(folder, e.getMessage()));
		}
	}
}
