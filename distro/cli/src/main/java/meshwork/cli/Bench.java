package meshwork.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

import meshwork.bench.Chart;
import meshwork.bench.Figures;
import meshwork.bench.Figures.Spread;
import meshwork.bench.Load;
import meshwork.bench.Load.Level;
import meshwork.bench.Trial;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Puts a load on a server, and prints what came out. */
@Command(name = "bench", subcommands = BenchModel.class, showDefaultValues = true,
		description = "Measures any OpenAI-compatible server under load: tokens per second, times to the first token and between tokens.")
final class Bench implements Callable<Integer> {

	@Option(names = "--url", paramLabel = "URL", description = "The server. Default: the running node.")
	private Optional<URI> url;

	@Option(names = "--model", paramLabel = "NAME", description = "A model of the server. Default: the first that the running node has, else 'default'.")
	private Optional<String> model;

	@Option(names = "--key", paramLabel = "KEY", description = "API key to show. Default: that of the running node.")
	private Optional<String> key;

	@Option(names = "--endpoint", paramLabel = "NAME", defaultValue = "chat", description = "chat or completions.")
	private Endpoint endpoint;

	@Option(names = "--concurrency", paramLabel = "N", split = ",", defaultValue = "1", description = "Callers at once; several numbers make several levels, one after the other.")
	private List<Integer> concurrency;

	@Option(names = "--rate", paramLabel = "X", split = ",", description = "Requests a second instead, arriving at random whether answers have come or not; several make several levels.")
	private List<Double> rates = List.of();

	@Option(names = "--requests", paramLabel = "N", description = "Requests that count, at each level. Default: four for each caller.")
	private Optional<Integer> requests;

	@Option(names = "--duration", paramLabel = "SECONDS", description = "Instead of a number of requests: as many as begin in this time.")
	private Optional<Double> duration;

	@Option(names = "--warmup", paramLabel = "N", description = "Requests before those, at each level. Default: one for each caller.")
	private Optional<Integer> warmup;

	@Option(names = "--prompt-tokens", paramLabel = "N", defaultValue = "64", description = "Tokens of a prompt.")
	private int promptTokens;

	@Option(names = "--shared-prefix", paramLabel = "N", defaultValue = "0", description = "How many of them are the same in every prompt.")
	private int sharedPrefix;

	@Option(names = "--output-tokens", paramLabel = "N", defaultValue = "128", description = "Tokens of an answer; where the server knows ignore_eos, exactly so many.")
	private int outputTokens;

	@Option(names = "--stream", negatable = true, defaultValue = "true", fallbackValue = "true", description = "Whether answers come token by token.")
	private boolean stream;

	@Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "The same seed asks the same; another one nothing that a server may remember.")
	private long seed;

	@Option(names = "--json", paramLabel = "FILE", description = "Where to write all figures.")
	private Optional<Path> json;

	@Option(names = "--chart", paramLabel = "FILE", description = "Where to draw them, as SVG.")
	private Optional<Path> chart;

	@Mixin
	private DataOption data;

	/** Where prompts are sent to. */
	enum Endpoint {
		chat, completions
	}

	/** Everything about a run, as it is written. */
	record Result(Load load, List<Figures> levels) {
	}

	private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	@Override
	public Integer call() throws IOException, InterruptedException {
		if (promptTokens < 1 || outputTokens < 1 || sharedPrefix < 0 || sharedPrefix > promptTokens)
			throw new Refusal(ExitCode.USAGE, "a prompt of %d tokens, %d of them shared, and an answer of %d make no sense"
					.formatted(promptTokens, sharedPrefix, outputTokens));
		if (concurrency.stream().anyMatch(callers -> callers < 1) || rates.stream().anyMatch(rate -> rate <= 0))
			throw new Refusal(ExitCode.USAGE, "--concurrency and --rate are greater than 0");
		Load load = load();
		Trial trial;
		try {
			trial = new Trial(load);
		} catch (IOException e) {
			throw new Refusal(ExitCode.REFUSED, e.getMessage());
		}
		var results = new ArrayList<Figures>();
		out.println(HEADER);
		for (Level level : levels()) {
			Figures figures = trial.run(level);
			results.add(figures);
			print(figures);
		}
		if (json.isPresent())
			Files.writeString(json.get(), JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
					.enable(SerializationFeature.INDENT_OUTPUT).build().writeValueAsString(new Result(load.withoutKey(), results)) + '\n');
		if (chart.isPresent())
			Files.writeString(chart.get(), Chart.of("%s: prompts of %d tokens, answers of %d".formatted(load.model(), promptTokens, outputTokens), results));
		return (results.stream().allMatch(figures -> figures.errors().isEmpty()) ? ExitCode.OK : ExitCode.REFUSED).code();
	}

	private Load load() {
		URI server = url.orElseGet(() -> data.folder().mustRun().url());
		Optional<NodeClient> node = url.isPresent() ? Optional.empty() : Optional.of(NodeClient.of(data.folder().mustRun()));
		return new Load(server, key.or(() -> node.flatMap(NodeClient::apiKey)), model.or(() -> node.map(Ask::firstModel)).orElse("default"),
				endpoint == Endpoint.chat, stream, promptTokens, sharedPrefix, outputTokens, seed);
	}

	private List<Level> levels() {
		if (rates.isEmpty())
			return concurrency.stream().map(callers -> level(callers, OptionalDouble.empty())).toList();
		return rates.stream().map(rate -> level(concurrency.getFirst(), OptionalDouble.of(rate))).toList();
	}

	private Level level(int callers, OptionalDouble rate) {
		OptionalInt number = duration.isPresent() ? OptionalInt.empty() : OptionalInt.of(requests.orElse(4 * callers));
		return new Level(callers, rate, warmup.orElse(callers), number, Duration.ofMillis(Math.round(duration.orElse(0.) * 1000)));
	}

	private static final String HEADER = """
			                        generated tokens/s   first token, ms             between tokens, ms          own
			 load  requests errors  over all  all at it      p50      p90      p99      p50      p90      p99    CPU""";

	private void print(Figures figures) {
		String load = figures.rate().isPresent() ? figures.rate().getAsDouble() + "/s" : Integer.toString(figures.concurrency());
		long errors = figures.errors().values().stream().mapToLong(Long::longValue).sum();
		out.println(String.format(Locale.ROOT, "%5s %9d %6d %9.1f %10.1f %s %s %5.0f%%", load, figures.requests(), errors,
				figures.tokensPerSecond(), figures.fullTokensPerSecond(), text(figures.firstToken_ms()), text(figures.nextToken_ms()),
				100 * figures.ownCpu_s() / figures.seconds()));
		figures.errors().forEach((reason, count) -> out.println("      " + count + " × " + reason));
	}

	private static String text(Spread spread) {
		return String.format(Locale.ROOT, "%8.2f %8.2f %8.2f", spread.p50(), spread.p90(), spread.p99());
	}
}
