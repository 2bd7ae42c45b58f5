package meshwork.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;

/** A node in this process: the framework with the bundles of the distribution. Closing it drains and stops it. */
final class Node implements AutoCloseable {

	/** The service property by which the HTTP bundle tells where it listens. */
	private static final String HTTP_PORT = "http.port";
	private static final String HTTP_URL = "http.url";

	/** The one by which it tells why it does not listen. */
	private static final String HTTP_PROBLEM = "http.problem";

	/** In {@code framework.properties}: the symbolic names of bundles that start at this level. */
	private static final String START_LEVEL = "meshwork.start.";
	private static final int LAST_LEVEL = 5;

	private static final Duration API_COMES_UP = Duration.ofSeconds(30);

	/** So that stopping takes five seconds at most, with what the process itself needs. */
	private static final Duration STOP = Duration.ofSeconds(4);

	private final LaunchPlan plan;
	private final FileChannel lock;
	private final Path socket;
	private final Framework framework;
	private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
	private final CompletableFuture<Listening> listening = new CompletableFuture<>();

	/** Where the API is to be found. */
	private record Listening(String scheme, int port) {
	}

	/**
	 * Starts the framework and all bundles; models load on after that.
	 *
	 * @throws Refusal when the data folder is taken, or the framework does not start
	 */
	Node(LaunchPlan plan) {
		this.plan = plan;
		lock = plan.data().take();
		try {
			socket = plan.data().makeSocket();
			framework = new FrameworkFactory().newFramework(properties());
			framework.init(event -> complain(event));
			listenForPort();
			install();
			framework.start();
		} catch (IOException e) {
			throw abandoned(DataFolder.reason(e));
		} catch (BundleException | InvalidSyntaxException e) {
			throw abandoned(e.getMessage());
		}
	}

	private Refusal abandoned(String reason) {
		close(lock);
		return new Refusal(ExitCode.NOT_READY, "the node does not start: " + reason);
	}

	private Map<String, String> properties() {
		Map<String, String> properties = plan.frameworkProperties(socket);
		properties.put(Constants.FRAMEWORK_STORAGE, plan.data().cache().toString());
		properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
		properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(LAST_LEVEL));
		properties.put("felix.fileinstall.dir", plan.home().deploy().toString());
		properties.put("felix.fileinstall.tmpdir", plan.data().cache().resolve("deploy").toString());
		properties.put("felix.cache.locking", "false");
		properties.put("felix.service.urlhandlers", "false");
		properties.put("felix.log.level", "0");
		return properties;
	}

	private void install() throws IOException, BundleException {
		Map<String, Integer> levels = new HashMap<>();
		BundleContext context = framework.getBundleContext();
		for (int level = 1; level < LAST_LEVEL; level++) {
			String names = context.getProperty(START_LEVEL + level);
			if (names != null)
				for (String name : names.split(","))
					levels.put(name.strip(), level);
		}
		var files = new TreeSet<Path>();
		try (DirectoryStream<Path> found = Files.newDirectoryStream(plan.home().bundles(), "*.jar")) {
			found.forEach(files::add);
		}
		List<Bundle> installed = new ArrayList<>();
		for (Path file : files)
			installed.add(context.installBundle("reference:" + file.toUri()));
		for (Bundle bundle : installed) {
			bundle.adapt(BundleStartLevel.class).setStartLevel(levels.getOrDefault(bundle.getSymbolicName(), LAST_LEVEL));
			if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null)
				bundle.start(Bundle.START_ACTIVATION_POLICY);
		}
	}

	private void complain(FrameworkEvent event) {
		if (event.getType() == FrameworkEvent.ERROR && event.getThrowable() != null)
			complaints.add("%s: %s".formatted(event.getBundle().getSymbolicName(), event.getThrowable().getMessage()));
	}

	private void listenForPort() throws InvalidSyntaxException {
		BundleContext context = framework.getBundleContext();
		context.addFrameworkListener(this::complain);
		context.addServiceListener(event -> {
			if (event.getType() != ServiceEvent.UNREGISTERING)
				listen(event.getServiceReference());
		}, "(|(%s=*)(%s=*))".formatted(HTTP_PORT, HTTP_PROBLEM));
	}

	private void listen(ServiceReference<?> http) {
		Object problem = http.getProperty(HTTP_PROBLEM);
		if (problem != null) {
			listening.completeExceptionally(new Refusal(ExitCode.NOT_READY, "the HTTP API did not come up: " + problem));
			return;
		}
		var open = new Listening(URI.create(http.getProperty(HTTP_URL).toString()).getScheme(), Integer.parseInt(http.getProperty(HTTP_PORT).toString()));
		if (!listening.complete(open))
			tellAgain(open);
	}

	/** A changed configuration gives the API another address, or other keys. */
	private void tellAgain(Listening open) {
		try {
			tell(plan.now(), open);
		} catch (IOException | URISyntaxException | Refusal e) {
			System.err.println("meshwork: commands of this machine don't know where the API listens now: " + e.getMessage());
		}
	}

	/** Lets other commands know where the API listens. */
	private NodeClient tell(LaunchPlan plan, Listening open) throws IOException, URISyntaxException {
		var url = new URI(open.scheme, null, reachable(plan.host()), open.port, "/", null, null);
		RunningNode.here(url, socket, plan.ownKey(), plan.certificate()).write(plan.data().nodeFile());
		return new NodeClient(url, Optional.of(plan.ownKey()), plan.certificate());
	}

	/**
	 * Waits until the API listens, and lets other commands know.
	 *
	 * @throws Refusal when it does not in good time
	 */
	NodeClient awaitApi() throws InterruptedException {
		try {
			return tell(plan, listening.get(API_COMES_UP.toSeconds(), TimeUnit.SECONDS));
		} catch (ExecutionException e) {
			throw e.getCause() instanceof Refusal refusal ? refusal : new IllegalStateException(e.getCause());
		} catch (TimeoutException e) {
			throw new Refusal(ExitCode.NOT_READY, complaints.isEmpty()
					? "the HTTP API did not come up within %d s; what keeps it is in the log above".formatted(API_COMES_UP.toSeconds())
					: "the HTTP API did not come up: " + String.join("; ", complaints));
		} catch (URISyntaxException e) {
			throw new Refusal(ExitCode.BAD_CONFIGURATION, "'%s' is no address: %s".formatted(plan.host(), e.getMessage()));
		} catch (IOException e) {
			throw new Refusal(ExitCode.BAD_FOLDER, "%s can't be written: %s".formatted(plan.data().nodeFile(), DataFolder.reason(e)));
		}
	}

	/** Whether callers have to show a key. */
	boolean wantsKey() {
		return plan.wantsKey();
	}

	/** The host by which this machine reaches itself. */
	private static String reachable(String host) throws IOException {
		return InetAddress.getByName(host).isAnyLocalAddress() ? "127.0.0.1" : host;
	}

	/** Stops all bundles, which lets running requests end if they do so soon. Takes five seconds at most. */
	@Override
	public synchronized void close() {
		if (!lock.isOpen())
			return;
		try {
			framework.stop();
			framework.waitForStop(STOP.toMillis());
			Files.deleteIfExists(socket);
			if (!socket.startsWith(plan.data().path()))
				Files.deleteIfExists(socket.getParent());
			Files.deleteIfExists(plan.data().nodeFile());
		} catch (BundleException | IOException e) {
			System.err.println("meshwork: while stopping: " + e.getMessage());
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		} finally {
			close(lock);
		}
	}

	private static void close(FileChannel channel) {
		try {
			channel.close();
		} catch (IOException e) {
			// the end of the process closes it
		}
	}
}
