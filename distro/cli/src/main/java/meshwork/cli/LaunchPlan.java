package meshwork.cli;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.config.Settings;
import meshwork.runtime.Preflight;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node is to be, decided before anything is started: files, environment and command line together.
 *
 * @param home the distribution
 * @param data the node's own folder
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any
 * @param wantsKey whether callers have to show a key
 * @param ownKey the key that commands of this machine show, made for this node alone
 * @param certificate what it proves by TLS who it is, if it does
 * @param models the files to serve
 * @param context tokens of a sequence, 0 for the model's own
 * @param parallel sequences at once
 * @param arguments what the command line adds to the configuration, as the configuration bundle reads it
 */
record LaunchPlan(Home home, DataFolder data, String host, int port, boolean wantsKey, String ownKey, Optional<Path> certificate, List<Path> models,
		int context, int parallel, ObjectNode arguments) {

	private static final String HTTP = "meshwork.http";
	private static final String RUNTIME = "meshwork.runtime";
	private static final String SHELL = "meshwork.shell";
	private static final String ARGUMENTS = "meshwork.config.arguments";
	private static final String FOLDERS = "meshwork.config.folders";
	private static final String DATA = "meshwork.data";

	/** What the command line may say; whatever it leaves open, files and environment decide. */
	record Options(List<Path> models, Optional<String> host, Optional<Integer> port, Optional<Path> certificate, Optional<Path> certificateKey,
			Optional<Integer> context, Optional<Integer> parallel, Optional<Integer> threads, boolean quiet) {

		static final Options NONE = new Options(List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
				Optional.empty(), Optional.empty(), Optional.empty(), false);

		Options withPort(int other) {
			return new Options(models, host, Optional.of(other), certificate, certificateKey, context, parallel, threads, quiet);
		}

		Options withModel(Path other) {
			return new Options(List.of(other), host, port, certificate, certificateKey, context, parallel, threads, quiet);
		}

		/** Without a line in the log for each request. */
		Options quietly() {
			return new Options(models, host, port, certificate, certificateKey, context, parallel, threads, true);
		}
	}

	static LaunchPlan of(Home home, DataFolder data, Options options) {
		if (!home.complete())
			throw new Refusal(ExitCode.NOT_READY, "%s is no built distribution of Meshwork; build it with: mvn package".formatted(home.path()));
		ObjectNode arguments = JsonMapper.shared().createObjectNode();
		ObjectNode http = arguments.putObject(HTTP);
		options.host().ifPresent(host -> http.put("host", host));
		options.port().ifPresent(port -> http.put("port", port));
		options.certificate().ifPresent(file -> http.put("certificate", file.toAbsolutePath().toString()));
		options.certificateKey().ifPresent(file -> http.put("certificateKey", file.toAbsolutePath().toString()));
		if (options.quiet())
			http.put("accessLog", false);
		String ownKey = ApiKeys.make();
		http.putArray("ownKeys").add(ApiKeys.line("cli", ownKey));
		ObjectNode runtime = arguments.putObject(RUNTIME);
		options.context().ifPresent(context -> runtime.put("context", context));
		options.parallel().ifPresent(parallel -> runtime.put("parallel", parallel));
		options.threads().ifPresent(threads -> runtime.put("threads", threads));
		Map<String, Dictionary<String, Object>> merged = merge(home, data, arguments);
		List<Path> models = options.models().isEmpty() ? paths(merged, home) : options.models();
		models = models.stream().map(model -> model.toAbsolutePath().normalize()).toList();
		var names = runtime.putArray("models");
		models.forEach(model -> names.add(model.toString()));
		return new LaunchPlan(home, data, text(merged, HTTP, "host", "127.0.0.1"), number(merged, HTTP, "port", 9337),
				wantsKey(merged, data), ownKey, certificate(merged), models, number(merged, RUNTIME, "context", 0), number(merged, RUNTIME, "parallel", 4),
				arguments);
	}

	/** The same after files of the configuration have changed. */
	LaunchPlan now() {
		Map<String, Dictionary<String, Object>> merged = merge(home, data, arguments);
		return new LaunchPlan(home, data, text(merged, HTTP, "host", "127.0.0.1"), number(merged, HTTP, "port", 9337), wantsKey(merged, data), ownKey,
				certificate(merged), models, context, parallel, arguments);
	}

	private static Map<String, Dictionary<String, Object>> merge(Home home, DataFolder data, ObjectNode arguments) {
		try {
			var settings = new Settings();
			settings.folder(home.conf());
			settings.folder(data.conf());
			settings.environment(System.getenv());
			settings.document(arguments.toString(), "the command line");
			return settings.configurations();
		} catch (IllegalArgumentException e) {
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "the configuration can't be used: " + e.getMessage());
		} catch (IOException e) {
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "the configuration can't be read: " + DataFolder.reason(e));
		}
	}

	/** The configured models, or the one in the box. */
	private static List<Path> paths(Map<String, Dictionary<String, Object>> merged, Home home) {
		List<String> named = list(merged, RUNTIME, "models");
		return named.isEmpty() ? List.of(home.starter()) : named.stream().map(Path::of).toList();
	}

	/** As the HTTP bundle decides it: keys of the configuration, or a file of them that is there. */
	private static boolean wantsKey(Map<String, Dictionary<String, Object>> merged, DataFolder data) {
		Path file = keyFile(merged, data);
		if (!file.equals(data.keys()) && !Files.isReadable(file))
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "apiKeyFile of %s, %s, can't be read".formatted(HTTP, file));
		return Files.exists(file) || !list(merged, HTTP, "apiKeys").isEmpty();
	}

	private static Path keyFile(Map<String, Dictionary<String, Object>> merged, DataFolder data) {
		return Optional.of(text(merged, HTTP, "apiKeyFile", "")).filter(name -> !name.isBlank()).map(Path::of).orElseGet(data::keys);
	}

	/** The file that the node of this folder reads keys from. */
	static Path keyFile(Home home, DataFolder data) {
		return keyFile(merge(home, data, JsonMapper.shared().createObjectNode()), data);
	}

	private static Optional<Path> certificate(Map<String, Dictionary<String, Object>> merged) {
		return Optional.of(text(merged, HTTP, "certificate", "")).filter(name -> !name.isBlank()).map(Path::of);
	}

	private static Optional<Object> value(Map<String, Dictionary<String, Object>> merged, String pid, String key) {
		return Optional.ofNullable(merged.getOrDefault(pid, new Hashtable<>()).get(key));
	}

	private static String text(Map<String, Dictionary<String, Object>> merged, String pid, String key, String otherwise) {
		return value(merged, pid, key).map(Object::toString).orElse(otherwise);
	}

	private static int number(Map<String, Dictionary<String, Object>> merged, String pid, String key, int otherwise) {
		String text = text(merged, pid, key, Integer.toString(otherwise));
		try {
			return Integer.parseInt(text);
		} catch (NumberFormatException e) {
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "the configuration can't be used: %s of %s is '%s', which is no number"
					.formatted(key, pid, text));
		}
	}

	private static List<String> list(Map<String, Dictionary<String, Object>> merged, String pid, String key) {
		return value(merged, pid, key).map(value -> switch (value) {
			case String[] several -> Arrays.asList(several);
			default -> value.toString().isBlank() ? List.<String>of() : List.of(value.toString());
		}).orElse(List.of());
	}

	/**
	 * Finds what would keep the node from starting, before anything is started or written.
	 *
	 * @throws Refusal for the first thing that is wrong
	 */
	void check() {
		if (data.running().isPresent())
			throw data.taken();
		checkAddress();
		try {
			Preflight.check(models, context, parallel);
		} catch (ModelRefused e) {
			throw new Refusal(ExitCode.ofReason(e.reason().name()), e.getMessage());
		}
	}

	private void checkAddress() {
		InetAddress address;
		try {
			address = InetAddress.getByName(host);
		} catch (UnknownHostException e) {
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "'%s' is no address of this machine".formatted(host));
		}
		if (!address.isLoopbackAddress() && !wantsKey)
			throw new Refusal(ExitCode.BAD_CONFIGURATION, ("%s can be reached from other machines, so the node wants an API key:"
					+ " make one with: meshwork key new NAME").formatted(host));
		if (port < 0 || port > 65535)
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "%d is no port: those go from 0 to 65535".formatted(port));
		try (var socket = new ServerSocket()) {
			socket.setReuseAddress(true);
			socket.bind(new InetSocketAddress(address, port));
		} catch (BindException e) {
			throw new Refusal(ExitCode.PORT_TAKEN, e.getMessage().contains("in use")
					? "port %d of %s is taken by another program; give this node another one with --port, or 0 for any".formatted(port, host)
					: "can't listen on port %d of %s: %s".formatted(port, host, e.getMessage()));
		} catch (IOException e) {
			throw new Refusal(ExitCode.PORT_TAKEN, "can't listen on port %d of %s: %s".formatted(port, host, e.getMessage()));
		}
	}

	/** Properties of the framework that the node runs in, its shell listening at a socket. */
	Map<String, String> frameworkProperties(Path socket) {
		var properties = new Properties();
		Path file = home.conf().resolve("framework.properties");
		try (var reader = Files.newBufferedReader(file)) {
			properties.load(reader);
		} catch (IOException e) {
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "%s can't be read: %s".formatted(file, DataFolder.reason(e)));
		}
		var all = new HashMap<String, String>();
		properties.stringPropertyNames().forEach(name -> all.put(name, properties.getProperty(name)));
		all.put(DATA, data.path().toString());
		all.put(FOLDERS, home.conf() + "," + data.conf());
		ObjectNode handed = arguments.deepCopy();
		handed.putObject(SHELL).put("socket", socket.toString());
		all.put(ARGUMENTS, handed.toString());
		return all;
	}
}
