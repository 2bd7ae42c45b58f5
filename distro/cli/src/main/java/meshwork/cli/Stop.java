package meshwork.cli;

import java.time.Duration;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the running node. */
@Command(name = "stop", description = "Stops the running node: running requests end if they do so soon.")
final class Stop implements Callable<Integer> {

	/** The node itself takes five seconds at most. */
	private static final Duration PATIENCE = Duration.ofSeconds(15);

	private static final long POLL_MS = 25;

	@Mixin
	private DataOption data;

	@Override
	public Integer call() throws InterruptedException {
		RunningNode node = data.folder().mustRun();
		long began = System.nanoTime();
		if (!node.process().map(ProcessHandle::destroy).orElse(true))
			throw new Refusal(ExitCode.REFUSED, "process %d can't be stopped: it belongs to somebody else".formatted(node.pid()));
		// its own view of a process, since the handle's waits until somebody has reaped it
		while (node.process().isPresent()) {
			if (System.nanoTime() - began > PATIENCE.toNanos())
				throw new Refusal(ExitCode.REFUSED, "process %d was told to stop and has not within %d s; kill -9 %d ends it"
						.formatted(node.pid(), PATIENCE.toSeconds(), node.pid()));
			Thread.sleep(POLL_MS);
		}
		System.out.printf("stopped the node at %s after %.1f s%n", node.url(), (System.nanoTime() - began) / 1e9);
		return ExitCode.OK.code();
	}
}
