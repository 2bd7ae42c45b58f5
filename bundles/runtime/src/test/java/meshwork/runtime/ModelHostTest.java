package meshwork.runtime;

import static meshwork.runtime.Host.endless;
import static meshwork.runtime.Host.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.api.engine.Engine;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.Started;
import meshwork.api.inference.InferenceException.GenerationFailed;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.ServedModel.State;

/** The life of models: loaded, unloaded, and what becomes of them when engines come, go and break. */
@Timeout(60)
class ModelHostTest {

	@TempDir
	Path folder;
	private final DigestEngine digest = new DigestEngine();
	private Host host;

	private Host host(String... models) {
		host = new Host(folder, 512, 2, 4, models);
		return host;
	}

	private Host digestHost() {
		return host().with(digest, "digest").serve("d.digest");
	}

	@AfterEach
	void stop() throws InterruptedException {
		digest.before = () -> {
		};
		host.close();
	}

	private State state(String id) {
		return host.host.find(id).orElseThrow().state();
	}

	private Reason refused(String file) {
		var refused = assertThrows(ModelRefused.class, () -> host.host.load(ModelSettings.of(folder.resolve(file))));
		assertTrue(refused.getMessage().contains(file.replaceAll("\\..*", "")), refused.getMessage());
		return refused.reason();
	}

	@Test
	void aLoadedModelIsListedWithItsFacts() {
		var model = digestHost().host.list().getFirst();
		assertEquals("d", model.id());
		assertEquals(State.READY, model.state());
		assertEquals(1, model.progress());
		var facts = model.facts().orElseThrow();
		assertEquals(512, facts.context());
		assertEquals(2, facts.parallel());
		assertEquals(257, facts.vocabulary());
		assertEquals("digest 1", facts.engine());
	}

	@Test
	void aModelThatCantBeServedIsRefusedAndOthersGoOn() throws InterruptedException {
		digestHost();
		assertEquals(Reason.NO_FILE, refused("missing.digest"));
		Host.file(folder, "readme.md");
		assertEquals(Reason.NOT_A_MODEL, refused("readme.md"));
		digest.loads = false;
		Host.file(folder, "odd.digest");
		assertEquals(Reason.NOT_LOADED, refused("odd.digest"));
		assertEquals(Reason.NAME_TAKEN, refused("d.digest"));
		assertEquals(List.of("d"), host.host.list().stream().map(it -> it.id()).toList());
		assertFalse(host.answer(request("d", "still")).text().isEmpty());
	}

	@Test
	void theNextBestEngineLoadsWhatTheBestCant() {
		var better = new DigestEngine();
		better.loads = false;
		host().host.addEngine(digest, Map.of(Engine.FORMATS, new String[] {"digest"}, "service.ranking", 1));
		host.host.addEngine(better, Map.of(Engine.FORMATS, new String[] {"digest", "other"}, "service.ranking", 2));
		host.serve("d.digest");
		assertEquals(1, digest.loaded.get());
		better.loads = true;
		host.serve("e.digest");
		assertEquals(1, better.loaded.get());
	}

	@Test
	void aModelMayBeUnloadedWhileItStreams() throws InterruptedException {
		var generation = digestHost().start(endless("d", "p"));
		assertInstanceOf(Started.class, generation.next());
		host.host.unload("d");
		assertEquals(List.of(), host.host.list());
		assertEquals(FinishReason.LENGTH, Host.read(generation).ends.get(0).reason());
		assertThrows(ModelUnknown.class, () -> host.start(request("d", "p")));
		assertThrows(ModelUnknown.class, () -> host.host.unload("d"));
		host.serve("d.digest");
	}

	@Test
	void whileItIsUnloadedNothingNewIsTaken() throws InterruptedException {
		var steps = new Semaphore(2);
		digestHost();
		digest.before = steps::acquireUninterruptibly;
		var generation = host.start(endless("d", "p"));
		var unloading = CompletableFuture.runAsync(() -> host.host.unload("d"));
		Host.await(() -> state("d") == State.UNLOADING);
		assertThrows(ModelNotReady.class, () -> host.start(request("d", "p")));
		steps.release(10_000);
		assertEquals(FinishReason.LENGTH, Host.read(generation).ends.get(0).reason());
		unloading.join();
	}

	@Test
	void anEngineThatLeavesFindsItsModelsClosedAndTheNextOneLoadsThem() throws InterruptedException {
		host = new Host(folder, 100_000, 2, 4).with(digest, "digest").serve("d.digest");
		var generation = host.start(endless("d", "p"));
		assertInstanceOf(Started.class, generation.next());
		String before = host.answer(request("d", "the same")).text();
		host.host.removeEngine(digest);
		int scored = digest.scored.get();
		digest.close();
		var failed = assertThrows(GenerationFailed.class, () -> Host.read(generation));
		assertTrue(failed.getMessage().contains("engine"), failed.getMessage());
		assertEquals(State.LOADING, state("d"));
		assertThrows(ModelNotReady.class, () -> host.start(request("d", "p")));
		assertEquals(scored, digest.scored.get());
		var next = new DigestEngine();
		host.with(next, "digest");
		Host.await(() -> state("d") == State.READY);
		assertEquals(before, host.answer(request("d", "the same")).text());
		assertEquals(1, next.loaded.get());
	}

	@Test
	void anEngineThatLeavesWhileAModelWaitsCanBeFollowedByItsUnloading() throws InterruptedException {
		digestHost().host.removeEngine(digest);
		Host.await(() -> state("d") == State.LOADING);
		host.host.unload("d");
		assertEquals(List.of(), host.host.list());
	}

	@Test
	void anEngineThatBreaksFailsItsRequestsAndIsLoadedAgainOnce() throws InterruptedException {
		digestHost();
		for (int time = 0; time < 2; time++) {
			Host.await(() -> state("d") == State.READY);
			digest.before = () -> {
				digest.before = () -> {
				};
				throw new IllegalStateException("lightning");
			};
			var failed = assertThrows(GenerationFailed.class, () -> host.answer(request("d", "p")));
			assertTrue(failed.getMessage().contains("lightning"), failed.getMessage());
			Host.await(() -> state("d") != State.READY || digest.loaded.get() == 2);
		}
		Host.await(() -> state("d") == State.FAILED);
		assertEquals(2, digest.loaded.get());
		assertTrue(host.host.find("d").orElseThrow().problem().orElseThrow().getMessage().contains("lightning"));
		assertThrows(ModelNotReady.class, () -> host.start(request("d", "p")));
		host.serve("d.digest");
		assertFalse(host.answer(request("d", "p")).text().isEmpty());
	}

	@Test
	void aModelThatLoadsButCantSpeakIsRefused() {
		host().with(digest, "digest");
		digest.before = () -> {
			throw new IllegalStateException("mute");
		};
		Host.file(folder, "a.digest");
		assertEquals(Reason.NOT_LOADED, refused("a.digest"));
		assertEquals(List.of(), host.host.list());
	}

	@Test
	void anEngineThatBreaksMidStreamFailsAllThatRunsAndWaits() {
		digestHost();
		var steps = new Semaphore(40);
		digest.before = () -> {
			if (!steps.tryAcquire()) {
				digest.before = () -> {
				};
				throw new OutOfMemoryError("no more");
			}
		};
		var running = new ArrayList<Generation>();
		for (int i = 0; i < 6; i++)
			try {
				running.add(host.start(endless("d", "p" + i)));
			} catch (ModelNotReady | GenerationFailed e) {
				break;
			}
		for (var generation : running)
			assertThrows(GenerationFailed.class, () -> Host.read(generation));
		Host.await(() -> state("d") == State.READY);
	}

	@Test
	void configuredModelsWaitForTheirEngine() throws InterruptedException {
		host(Host.file(folder, "a.digest").toString(), Host.file(folder, "b.digest").toString());
		assertEquals(List.of("a", "b"), host.host.list().stream().map(it -> it.id()).toList());
		assertEquals(State.LOADING, state("a"));
		host.with(digest, "digest");
		Host.await(() -> state("a") == State.READY && state("b") == State.READY);
		assertFalse(host.answer(request("b", "p")).text().isEmpty());
	}

	@Test
	void aConfiguredModelThatFailsStaysListedAndIsTriedOnTheNextEngine() {
		digest.loads = false;
		host(Host.file(folder, "a.digest").toString(), folder.resolve("none.digest").toString()).with(digest, "digest");
		Host.await(() -> state("a") == State.FAILED && state("none") == State.FAILED);
		assertEquals(Reason.NO_FILE, host.host.find("none").orElseThrow().problem().orElseThrow().reason());
		host.with(new DigestEngine(), "digest");
		Host.await(() -> state("a") == State.READY);
	}

	@Test
	void aChangedConfigurationLoadsAndUnloadsTheDifference() throws InterruptedException {
		String a = Host.file(folder, "a.digest").toString(), b = Host.file(folder, "b.digest").toString(),
				c = Host.file(folder, "c.digest").toString();
		host(a, b).with(digest, "digest");
		Host.await(() -> state("a") == State.READY && state("b") == State.READY);
		host.serve("own.digest");
		host.host.modified(new Host.Settings(new String[] {b, c}, 512, 2, 0, 4));
		Host.await(() -> host.host.find("a").isEmpty() && host.host.find("c").map(it -> it.state() == State.READY).orElse(false));
		assertEquals(List.of("b", "own", "c"), host.host.list().stream().map(it -> it.id()).toList());
		assertEquals(4, digest.loaded.get());
		host.host.modified(new Host.Settings(new String[] {b}, 256, 2, 0, 4));
		Host.await(() -> host.host.find("b").flatMap(it -> it.facts()).map(it -> it.context() == 256).orElse(false));
	}

	@Test
	void aHostThatStopsEndsWhatRuns() throws InterruptedException {
		var gone = new Host(folder, 100_000, 1, 4).with(new DigestEngine(), "digest").serve("d.digest");
		var generation = gone.start(endless("d", "p"));
		var stopping = CompletableFuture.runAsync(() -> {
			try {
				gone.close();
			} catch (InterruptedException e) {
				throw new IllegalStateException(e);
			}
		});
		assertThrows(GenerationFailed.class, () -> Host.read(generation));
		stopping.join();
		host();
	}

	@Test
	void loadingCanBeInterrupted() throws InterruptedException {
		host();
		Host.file(folder, "a.digest");
		var outcome = new CompletableFuture<Throwable>();
		var loader = new Thread(() -> outcome.complete(assertThrows(ModelRefused.class,
				() -> host.host.load(ModelSettings.of(folder.resolve("a.digest"))))));
		loader.start();
		Host.await(() -> host.host.find("a").isPresent());
		loader.interrupt();
		assertTrue(outcome.join().getMessage().contains("interrupted"));
		assertEquals(List.of(), host.host.list());
	}

	@Test
	void manyLoadsAndUnloadsUnderRequestsLeaveNothingBehind() throws InterruptedException {
		host().with(digest, "digest");
		Host.file(folder, "d.digest");
		String said = host.serve("d.digest").answer(request("d", "p")).text();
		var over = new Semaphore(0);
		var asking = CompletableFuture.runAsync(() -> {
			while (!over.tryAcquire())
				try {
					assertEquals(said, host.answer(request("d", "p")).text());
				} catch (ModelUnknown | ModelNotReady e) {
					Thread.onSpinWait();
				} catch (InterruptedException e) {
					throw new IllegalStateException(e);
				}
		});
		for (int i = 0; i < 30; i++) {
			host.host.unload("d");
			host.serve("d.digest");
		}
		over.release();
		asking.join();
	}
}
