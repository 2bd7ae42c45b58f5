package meshwork.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import meshwork.cli.LaunchPlan.Options;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a node is to be is known, and checked, before there is one. */
class LaunchPlanTest {

	@TempDir
	Path folder;
	private Home home;
	private DataFolder data;

	@BeforeEach
	void lay() throws IOException {
		home = new Home(folder.resolve("home"));
		data = new DataFolder(folder.resolve("data"), folder.resolve("data/conf"));
		Files.createDirectories(home.bundles());
		Files.createDirectories(home.conf());
		Files.writeString(home.conf().resolve("framework.properties"), "felix.fileinstall.poll=1000\n");
	}

	@Test
	void withNothingSaidItServesTheModelInTheBoxOnLoopback() {
		LaunchPlan plan = plan(Options.NONE);
		assertEquals("127.0.0.1", plan.host());
		assertEquals(9337, plan.port());
		assertEquals(List.of(home.starter()), plan.models());
	}

	@Test
	void argumentsOverrideTheDataFolderAndThatTheDistribution() throws IOException {
		configure(home.conf(), "meshwork.http", "{\"port\": 1, \"host\": \"127.0.0.2\", \"apiKeys\": [\"k\"]}");
		configure(data.conf(), "meshwork.http", "{\"port\": 2, \"host\": \"127.0.0.3\"}");
		LaunchPlan plan = plan(Options.NONE.withPort(3));
		assertEquals(3, plan.port());
		assertEquals("127.0.0.3", plan.host());
		assertTrue(plan.wantsKey());
	}

	@Test
	void keysInAFileCountToo() throws IOException {
		assertFalse(plan(Options.NONE).wantsKey());
		new ApiKeys(LaunchPlan.keyFile(home, data)).add("alice");
		assertTrue(plan(Options.NONE).wantsKey());
		Files.delete(data.keys());
		configure(data.conf(), "meshwork.http", "{\"apiKeyFile\": \"%s\"}".formatted(folder.resolve("keys")));
		assertEquals(ExitCode.BAD_CONFIGURATION, assertThrows(Refusal.class, () -> plan(Options.NONE)).code());
		new ApiKeys(LaunchPlan.keyFile(home, data)).add("alice");
		assertTrue(Files.exists(folder.resolve("keys")));
		assertTrue(plan(Options.NONE).wantsKey());
	}

	@Test
	void itsOwnKeyIsHandedOnAsAHashOnly() throws IOException {
		LaunchPlan plan = plan(Options.NONE);
		String handed = handed(plan).at("/meshwork.http/ownKeys/0").asString();
		assertEquals(ApiKeys.line("cli", plan.ownKey()), handed);
		assertFalse(handed.contains(plan.ownKey()));
		assertNotEquals(plan.ownKey(), plan(Options.NONE).ownKey());
	}

	@Test
	void aModelIsNamedByItsWholePath() throws IOException {
		LaunchPlan plan = plan(Options.NONE.withModel(Path.of("some", "..", "model.gguf")));
		Path whole = Path.of("model.gguf").toAbsolutePath();
		assertEquals(List.of(whole), plan.models());
		assertEquals(whole.toString(), handed(plan).at("/meshwork.runtime/models/0").asString());
	}

	@Test
	void whatIsHandedOnIsWhatWasSaid() throws IOException {
		var options = new Options(List.of(), Optional.of("::1"), Optional.of(0), Optional.empty(), Optional.empty(), Optional.of(512),
				Optional.of(8), Optional.of(2), false);
		LaunchPlan plan = plan(options);
		JsonNode handed = handed(plan);
		assertEquals(JsonMapper.shared().readTree("""
				{"meshwork.http": {"host": "::1", "port": 0, "ownKeys": ["%s"]},
				 "meshwork.runtime": {"context": 512, "parallel": 8, "threads": 2, "models": ["%s"]},
				 "meshwork.shell": {"socket": "/run/s"}}""".formatted(ApiKeys.line("cli", plan.ownKey()), home.starter())), handed);
	}

	@Test
	void aBrokenConfigurationIsNamed() throws IOException {
		configure(data.conf(), "meshwork.http", "{port: 1}");
		refused(ExitCode.BAD_CONFIGURATION, data.conf().resolve("meshwork.http.json") + " is not JSON", () -> plan(Options.NONE));
	}

	@Test
	void aPortThatIsNoNumberIsNamed() throws IOException {
		configure(data.conf(), "meshwork.http", "{\"port\": \"http\"}");
		refused(ExitCode.BAD_CONFIGURATION, "port of meshwork.http is 'http'", () -> plan(Options.NONE));
	}

	@Test
	void aFolderThatIsNoDistributionIsRefused() {
		refused(ExitCode.NOT_READY, "is no built distribution", () -> LaunchPlan.of(new Home(folder.resolve("none")), data, Options.NONE));
	}

	@Test
	void beyondThisMachineItWantsAKey() throws IOException {
		var everywhere = new Options(List.of(folder.resolve("none.gguf")), Optional.of("0.0.0.0"), Optional.of(0), Optional.empty(), Optional.empty(),
				Optional.empty(), Optional.empty(), Optional.empty(), false);
		refused(ExitCode.BAD_CONFIGURATION, "the node wants an API key", plan(everywhere)::check);
		configure(data.conf(), "meshwork.http", "{\"apiKeys\": [\"k\"]}");
		refused(ExitCode.NO_FILE, "none.gguf", plan(everywhere)::check);
	}

	@Test
	void aTakenPortIsRefused() throws IOException {
		try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			refused(ExitCode.PORT_TAKEN, "port %d of 127.0.0.1 is taken".formatted(taken.getLocalPort()),
					plan(Options.NONE.withPort(taken.getLocalPort()))::check);
		}
	}

	@Test
	void whatIsNoModelIsRefused() throws IOException {
		Path text = Files.writeString(folder.resolve("text.gguf"), "Once upon a time there was a text.");
		refused(ExitCode.NOT_A_MODEL, "text.gguf", plan(Options.NONE.withPort(0).withModel(text))::check);
	}

	@Test
	void aNodeThatRunsThereAlreadyIsNamed() throws IOException {
		Files.createDirectories(data.path());
		RunningNode.here(java.net.URI.create("http://127.0.0.1:1234/"), Path.of("s"), "secret", Optional.empty()).write(data.nodeFile());
		refused(ExitCode.ALREADY_RUNNING, "process %d, http://127.0.0.1:1234/".formatted(ProcessHandle.current().pid()), plan(Options.NONE)::check);
	}

	private LaunchPlan plan(Options options) {
		return LaunchPlan.of(home, data, options);
	}

	private static JsonNode handed(LaunchPlan plan) {
		return JsonMapper.shared().readTree(plan.frameworkProperties(Path.of("/run/s")).get("meshwork.config.arguments"));
	}

	private static void configure(Path conf, String pid, String json) throws IOException {
		Files.createDirectories(conf);
		Files.writeString(conf.resolve(pid + ".json"), json);
	}

	private static void refused(ExitCode code, String saying, Executable step) {
		var refusal = assertThrows(Refusal.class, step);
		assertEquals(code, refusal.code(), refusal.getMessage());
		assertTrue(refusal.getMessage().contains(saying), refusal.getMessage());
		assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
	}
}
