package meshwork.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import picocli.CommandLine.Option;

/** The options of {@code serve} that say what a node is to be. */
final class NodeOptions {

	@Option(names = "--model", paramLabel = "FILE", description = "A GGUF file to serve, of one in several parts the first; may be given again. Default: the model in the box.")
	private List<Path> models = new ArrayList<>();

	@Option(names = "--port", paramLabel = "N", description = "Port of the API, 0 for any. Default: 9337.")
	private Optional<Integer> port;

	@Option(names = "--host", paramLabel = "ADDRESS", description = "Address to listen on; beyond this machine only with an API key. Default: 127.0.0.1.")
	private Optional<String> host;

	@Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate for HTTPS, as PEM; with --tls-key.")
	private Optional<Path> certificate;

	@Option(names = "--tls-key", paramLabel = "FILE", description = "Private key of the certificate, as PEM.")
	private Optional<Path> certificateKey;

	@Option(names = "--ctx-size", paramLabel = "N", description = "Tokens that one sequence can have. Default: what the model was trained on, within a bound.")
	private Optional<Integer> context;

	@Option(names = "--parallel", paramLabel = "N", description = "Sequences that are decoded at once.")
	private Optional<Integer> parallel;

	@Option(names = "--threads", paramLabel = "N", description = "Threads that compute. Default: what suits the machine.")
	private Optional<Integer> threads;

	LaunchPlan.Options options() {
		if (certificate.isPresent() != certificateKey.isPresent())
			throw new Refusal(ExitCode.USAGE, "--tls-cert and --tls-key go together");
		return new LaunchPlan.Options(List.copyOf(models), host, port, certificate, certificateKey, positive("--ctx-size", context),
				positive("--parallel", parallel), positive("--threads", threads), false);
	}

	/** The same options for another process. */
	List<String> arguments() {
		var arguments = new ArrayList<String>();
		models.forEach(model -> arguments.addAll(List.of("--model", model.toAbsolutePath().toString())));
		host.ifPresent(it -> arguments.addAll(List.of("--host", it)));
		port.ifPresent(it -> arguments.addAll(List.of("--port", it.toString())));
		certificate.ifPresent(it -> arguments.addAll(List.of("--tls-cert", it.toAbsolutePath().toString())));
		certificateKey.ifPresent(it -> arguments.addAll(List.of("--tls-key", it.toAbsolutePath().toString())));
		context.ifPresent(it -> arguments.addAll(List.of("--ctx-size", it.toString())));
		parallel.ifPresent(it -> arguments.addAll(List.of("--parallel", it.toString())));
		threads.ifPresent(it -> arguments.addAll(List.of("--threads", it.toString())));
		return arguments;
	}

	private static Optional<Integer> positive(String name, Optional<Integer> number) {
		if (number.isPresent() && number.get() < 1)
			throw new Refusal(ExitCode.USAGE, "%s is %d; it has to be 1 or more".formatted(name, number.get()));
		return number;
	}
}
