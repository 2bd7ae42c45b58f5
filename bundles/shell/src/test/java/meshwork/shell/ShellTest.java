package meshwork.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.gogo.runtime.activator.Activator;
import org.apache.felix.service.command.CommandProcessor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;

import meshwork.api.engine.Engine;
import meshwork.api.engine.EngineDescription;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;
import meshwork.api.inference.Activity;
import meshwork.api.inference.Activity.Done;
import meshwork.api.inference.Activity.Memory;
import meshwork.api.inference.Activity.Running;
import meshwork.api.inference.Activity.Times;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.Facts;
import meshwork.api.inference.ServedModel.State;
import meshwork.shell.Frame.Kind;

/** The shell as a client meets it: over its socket, on gogo, in a framework. */
@Timeout(60)
class ShellTest {

	@TempDir
	static Path cache;
	/** One for all tests: gogo takes the process's standard streams, and gives them back late. */
	private static Framework framework;
	private static final Activator GOGO = new Activator();

	@TempDir
	Path folder;
	private ShellServer server;
	private SocketChannel client;
	private final ServedModels models = new ServedModels();
	private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

	@BeforeAll
	static void startGogo() throws Exception {
		framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, cache.toString()));
		framework.start();
		GOGO.start(framework.getBundleContext());
	}

	@AfterAll
	static void stopGogo() throws Exception {
		GOGO.stop(framework.getBundleContext());
		framework.stop();
		framework.waitForStop(0);
	}

	@BeforeEach
	void start() throws Exception {
		BundleContext context = framework.getBundleContext();
		registrations.add(context.registerService(Models.class, models, null));
		command(new ModelCommands(context), "models", "load", "unload");
		command(new EngineCommands(context), "engines");
		command(new TopCommand(context), "top");
		command(new Waiting(), "dawdle");
		var processor = context.getService(context.getServiceReference(CommandProcessor.class));
		server = new ShellServer(processor, context, at(socket()));
		client = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
	}

	@AfterEach
	void stop() throws Exception {
		client.close();
		server.close();
		registrations.forEach(ServiceRegistration::unregister);
	}

	@Test
	void aCommandsOutputComesBackAndHowItEnded() throws IOException {
		models.list.add(new ServedModel("tiny", ModelSettings.of(Path.of("tiny.gguf")), State.READY, 1, Optional.empty(), Instant.EPOCH,
				Optional.of(new Facts("Tiny", "qwen3moe", 5_000_000, 1, 20 << 20, 1, 2048, 1024, 4, "cpu v1"))));
		Answer answer = run("mesh:models");
		assertEquals("""
				MODEL  STATE  ARCHITECTURE  WEIGHTS  MEMORY  CONTEXT  PARALLEL  ENGINE
				tiny   ready  qwen3moe      5 M      20 MB   1024     4         cpu v1
				""", answer.out());
		assertTrue(answer.well());
	}

	@Test
	void topShowsModelsAndStreams() throws IOException {
		models.activity.add(busy(400));
		Answer answer = run("mesh:top --once");
		assertEquals("""
				MODEL  RUNNING  WAITING  TOKENS/S  REQUESTS  CANCELLED  FAILED  PROMPT  CACHED  GENERATED  KV USED  KV KEPT
				tiny   1/4      2        5.5       10        2          1       600     33 %    400        25 %     10 %

				REQUEST  CALLER  MODEL  PROMPT  CACHED  READ  GENERATED  TOKENS/S  AGE
				req_1    alice   tiny   10      4       8     5          5.5       1.2 s
				""", answer.out());
		assertTrue(answer.well());
	}

	@Test
	void topGoesOnUntilItIsInterrupted() throws IOException {
		models.activity.add(busy(400));
		new Frame(Kind.RUN, "top").write(client);
		var shown = new StringBuilder();
		// the second time it knows how fast it was between
		while (shown.toString().split("\u001b\\[H", -1).length < 3) {
			shown.append(Frame.read(client).text());
			models.activity.set(0, busy(1400));
		}
		assertTrue(shown.toString().contains("1400"), shown.toString());
		new Frame(Kind.INTERRUPT, "").write(client);
		Frame last = Frame.read(client);
		while (last.kind() != Kind.DONE)
			last = Frame.read(client);
		assertTrue(run("mesh:top --once").well());
	}

	private static Activity busy(long generated) {
		var never = new Times(new double[0], new long[1], 0);
		return new Activity("tiny", Instant.EPOCH, 4, List.of(new Running(0, "req_1", "alice", 10, 4, 8, 5, Duration.ofMillis(1234), 5.5)), 2,
				new Memory(1000, 250, 100, 3, 0), new Done(10, 2, 1, 600, 300, generated, 2, 8, 100, 150, 77, never, never, never, never));
	}

	@Test
	void aCommandThatFailsSaysWhy() throws IOException {
		Answer answer = run("unload nobody");
		assertFalse(answer.well());
		assertEquals("the model 'nobody' is not served here; no model is\n", answer.err());
	}

	@Test
	void aCommandThatIsNotThereIsNamed() throws IOException {
		assertEquals("Command not found: nonsense; see: help\n", run("nonsense").err());
	}

	@Test
	void aFileIsFoundFromTheClientsFolder() throws IOException {
		new Frame(Kind.FOLDER, folder.toString()).write(client);
		assertTrue(run("mesh:load --ctx-size 512 --id short sub/model.gguf").well());
		assertEquals(new ModelSettings(folder.resolve("sub/model.gguf"), Optional.of("short"), 512, 0, 0), models.list.getFirst().settings());
	}

	@Test
	void argumentsThatDoNotFitLeadToTheHelp() throws IOException {
		assertEquals("these are not the arguments of load; see: help load\n", run("mesh:load").err());
		assertEquals("these are not the arguments of load; see: help load\n", run("mesh:load --ctx-size many model.gguf").err());
		assertFalse(run("mesh:load --ctx-size -4 model.gguf").well());
		assertTrue(models.list.isEmpty());
	}

	@Test
	void anEngineIsShownWithItsModels() throws IOException {
		models.list.add(new ServedModel("a", ModelSettings.of(Path.of("a")), State.READY, 1, Optional.empty(), Instant.EPOCH,
				Optional.of(new Facts("", "", 0, 0, 0, 0, 0, 0, 0, "fast v2"))));
		Dictionary<String, Object> properties = new Hashtable<>();
		properties.put(Engine.NAME, "fast");
		properties.put(Engine.VERSION, "v2");
		properties.put(Engine.BACKEND, "cpu");
		properties.put(Engine.FORMATS, new String[] { "gguf" });
		registrations.add(framework.getBundleContext().registerService(Engine.class, new Described(), properties));
		List<String> lines = run("engines").out().lines().toList();
		assertTrue(lines.get(1).matches("fast +v2 +cpu +gguf +org.apache.felix.framework [0-9.]+ +a +AVX2"), lines.get(1));
	}

	@Test
	void aSessionKeepsWhatWasSetInIt() throws IOException {
		run("x = 42");
		assertEquals("42\n", run("$x").out());
	}

	@RepeatedTest(20)
	void anInterruptEndsTheCommandAndNotTheSession() throws IOException {
		run("x = before");
		new Frame(Kind.RUN, "dawdle").write(client);
		assertEquals("waiting\n", Frame.read(client).text());
		new Frame(Kind.INTERRUPT, "").write(client);
		assertFalse(answer().well());
		assertEquals(new Answer("before\n", "", true), run("$x"));
		assertEquals(new Answer("no models; mesh:load FILE serves one\n", "", true), run("models"));
	}

	@Test
	void commandsModelsAndFilesAreCompleted() throws IOException {
		models.list.add(ServedModels.loading("tiny"));
		models.list.add(ServedModels.loading("other"));
		Files.createDirectory(folder.resolve("models"));
		Files.writeString(folder.resolve("model.gguf"), "");
		new Frame(Kind.FOLDER, folder.toString()).write(client);
		assertEquals(List.of("mesh:load"), complete("mesh:lo"));
		assertEquals(List.of("mesh:models"), complete("mesh:load a; mesh:m"));
		assertEquals(List.of("mesh:unload"), complete("help mesh:u"));
		assertEquals(List.of("tiny", "other"), complete("mesh:unload "));
		assertEquals(List.of("tiny"), complete("mesh:ask --model t"));
		assertEquals(List.of("model.gguf", "models/"), complete("mesh:load mod"));
		assertEquals(List.of(), complete("mesh:load nowhere/"));
	}

	@Test
	void theSocketIsItsOwnersAlone() throws IOException {
		assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())));
		Path shared = Files.createDirectory(folder.resolve("shared"));
		Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
		var refused = assertThrows(IOException.class, () -> new ShellServer(null, framework.getBundleContext(), at(shared.resolve("s"))));
		assertTrue(refused.getMessage().contains("open to others (rwxr-xr-x)"), refused.getMessage());
	}

	@Test
	void theSocketGoesWithTheShell() throws IOException {
		server.close();
		assertFalse(Files.exists(socket()));
		assertThrows(IOException.class, () -> Frame.read(client));
	}

	private Path socket() throws IOException {
		Path run = folder.resolve("run");
		if (!Files.exists(run))
			Files.createDirectory(run, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		return run.resolve("shell.sock");
	}

	private void command(Object command, String... functions) {
		Dictionary<String, Object> properties = new Hashtable<>();
		properties.put(CommandProcessor.COMMAND_SCOPE, "mesh");
		properties.put(CommandProcessor.COMMAND_FUNCTION, functions);
		registrations.add(framework.getBundleContext().registerService(Object.class, command, properties));
	}

	private static ShellServer.Config at(Path socket) {
		return new ShellServer.Config() {
			@Override
			public String socket() {
				return socket.toString();
			}

			@Override
			public Class<? extends Annotation> annotationType() {
				return ShellServer.Config.class;
			}
		};
	}

	private Answer run(String line) throws IOException {
		new Frame(Kind.RUN, line).write(client);
		return answer();
	}

	private Answer answer() throws IOException {
		var out = new StringBuilder();
		var err = new StringBuilder();
		while (true) {
			Frame frame = Frame.read(client);
			switch (frame.kind()) {
				case OUT -> out.append(frame.text());
				case ERR -> err.append(frame.text());
				default -> {
					return new Answer(out.toString(), err.toString(), frame.kind() == Kind.DONE && frame.content().length == 0);
				}
			}
		}
	}

	private List<String> complete(String line) throws IOException {
		new Frame(Kind.COMPLETE, line).write(client);
		return Frame.read(client).text().lines().toList();
	}

	private record Answer(String out, String err, boolean well) {
	}

	/** A command that takes as long as one lets it. */
	public static final class Waiting {
		public void dawdle() throws InterruptedException {
			System.out.println("waiting");
			System.out.flush();
			new CountDownLatch(1).await();
		}
	}

	private static final class Described implements Engine {
		@Override
		public EngineDescription description() {
			return new EngineDescription("fast", "v2", "cpu", "AVX2");
		}

		@Override
		public Model load(ModelFile file, LoadOptions options, java.util.function.DoubleConsumer progress) {
			throw new UnsupportedOperationException();
		}
	}

	/** Models that load at once. */
	private static final class ServedModels implements Models {

		private final List<ServedModel> list = new java.util.concurrent.CopyOnWriteArrayList<>();
		private final List<Activity> activity = new java.util.concurrent.CopyOnWriteArrayList<>();

		static ServedModel loading(String id) {
			return new ServedModel(id, ModelSettings.of(Path.of(id)), State.LOADING, 0, Optional.empty(), Instant.EPOCH, Optional.empty());
		}

		@Override
		public List<ServedModel> list() {
			return list;
		}

		@Override
		public Optional<ServedModel> find(String id) {
			return list.stream().filter(model -> model.id().equals(id)).findFirst();
		}

		@Override
		public ServedModel load(ModelSettings settings) {
			var model = new ServedModel(settings.id().orElseThrow(), settings, State.READY, 1, Optional.empty(), Instant.EPOCH, Optional.empty());
			list.add(model);
			return model;
		}

		@Override
		public void unload(String id) {
			list.remove(find(id).orElseThrow(() -> new ModelUnknown(id, list.stream().map(ServedModel::id).toList())));
		}

		@Override
		public List<Activity> activity() {
			return activity;
		}
	}
}
