package meshwork.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the running node. */
@Command(name = "stop", description = "Stops the running node: running requests end if they do so soon.")
final class Stop implements Callable<Integer> {

	/** The node itself takes five seconds at most. */
	private static final Duration PATIENCE = Duration.ofSeconds(15);

	@Mixin
	private DataOption data;

	@Override
	public Integer call() throws InterruptedException, ExecutionException {
		RunningNode node = data.folder().mustRun();
		ProcessHandle process = node.process().orElseThrow();
		long began = System.nanoTime();
		if (!process.destroy())
			throw new Refusal(ExitCode.REFUSED, "process %d can't be stopped: it belongs to somebody else".formatted(node.pid()));
		try {
			process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		} catch (TimeoutException e) {
			throw new Refusal(ExitCode.REFUSED, "process %d was told to stop and has not within %d s; kill -9 %d ends it"
					.formatted(node.pid(), PATIENCE.toSeconds(), node.pid()));
		}
		System.out.printf("stopped the node at %s after %.1f s%n", node.url(), (System.nanoTime() - began) / 1e9);
		return ExitCode.OK.code();
	}
}
