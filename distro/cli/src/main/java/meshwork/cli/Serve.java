package meshwork.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

import meshwork.cli.NodeClient.Health;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a node, in this process or, as a daemon, in one of its own. */
@Command(name = "serve", description = "Starts a node and serves models until it is stopped.")
final class Serve implements Callable<Integer> {

	@Mixin
	private NodeOptions node;

	@Mixin
	private DataOption data;

	@Option(names = "--daemon", description = "Go on in the background; returns when the node is ready. Its log is log/node.log of the data folder.")
	private boolean daemon;

	private volatile boolean ready;
	private volatile boolean stopping;

	@Override
	public Integer call() throws IOException, InterruptedException {
		LaunchPlan plan = LaunchPlan.of(Home.find(), data.folder(), node.options());
		plan.check();
		if (daemon) {
			Health health = new Daemon(plan, node.arguments()).start();
			RunningNode running = plan.data().mustRun();
			System.out.print(ReadyBlock.of(running.url(), health, plan.now().wantsKey(), data.with("meshwork stop")));
			return ExitCode.OK.code();
		}
		try (Node started = new Node(plan)) {
			Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started), "stop"));
			serve(started);
		}
		return ExitCode.OK.code();
	}

	private void serve(Node started) throws InterruptedException {
		try {
			NodeClient client = started.awaitApi();
			Health health = new Progress().await(client);
			System.out.print(ReadyBlock.of(client.url(), health, started.wantsKey(), "Ctrl-C, or: " + data.with("meshwork stop")));
			System.out.flush();
			ready = true;
		} catch (Refusal e) {
			// a node that is told to stop while it starts refuses whatever it is asked
			if (!stopping)
				throw e;
		}
		// the end comes from outside: by a signal
		new CountDownLatch(1).await();
	}

	/** Runs when the process ends. One that served and was told to stop has done what it was asked to. */
	private void stop(Node node) {
		stopping = true;
		node.close();
		if (ready)
			Runtime.getRuntime().halt(ExitCode.OK.code());
	}
}
