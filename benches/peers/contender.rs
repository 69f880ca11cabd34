//! The contenders, and how each is set up, changed and deployed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    source::{Source, answer, write_context},
    support::{Stack, http},
};

/// One tool for deployments, with a function of its own.
pub struct Contender<'a> {
    /// The name in the table.
    pub name: &'static str,
    /// The version that the program reports.
    pub version: String,
    tool: Tool,
    source: &'a Source,
    folder: PathBuf,
    registry: String,
    endpoint: String,
    round: u64,
}

/// A tool that is left out, and why.
pub struct Absent {
    pub name: &'static str,
    pub reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    Jot,
    AwsCli,
    Sam,
    Terraform,
}

impl Tool {
    const ALL: [Tool; 4] = [Tool::Jot, Tool::AwsCli, Tool::Sam, Tool::Terraform];

    fn name(self) -> &'static str {
        match self {
            Tool::Jot => "jot apply",
            Tool::AwsCli => "AWS CLI script",
            Tool::Sam => "sam deploy",
            Tool::Terraform => "terraform apply",
        }
    }

    /// Its part of names, and its folder in this directory.
    fn key(self) -> &'static str {
        match self {
            Tool::Jot => "jot",
            Tool::AwsCli => "aws-cli",
            Tool::Sam => "sam",
            Tool::Terraform => "terraform",
        }
    }

    /// The command that prints its version; if it is missing, so is the tool.
    fn version(self) -> Command {
        let (program, argument) = match self {
            Tool::Jot => (env!("CARGO_BIN_EXE_jot"), "--version"),
            Tool::AwsCli => ("aws", "--version"),
            Tool::Sam => ("sam", "--version"),
            Tool::Terraform => ("terraform", "version"),
        };
        let mut command = Command::new(program);
        command.arg(argument);
        command
    }
}

/// All contenders, set up and deployed once; and the tools that this machine lacks.
pub fn all<'a>(stack: &Stack, source: &'a Source) -> (Vec<Contender<'a>>, Vec<Absent>) {
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for tool in Tool::ALL {
        match Contender::new(tool, stack, source) {
            Ok(contender) => present.push(contender),
            Err(reason) => absent.push(Absent {
                name: tool.name(),
                reason,
            }),
        }
    }
    (present, absent)
}

impl<'a> Contender<'a> {
    fn new(tool: Tool, stack: &Stack, source: &'a Source) -> Result<Contender<'a>, String> {
        let version = told(&mut tool.version()).ok_or("not on this machine")?;
        let mut contender = Contender {
            name: tool.name(),
            version: version.lines().next().unwrap_or_default().to_owned(),
            tool,
            source,
            folder: match tool {
                Tool::Jot => source.project.path(),
                _ => source.folder(tool.key()),
            },
            registry: stack.proxy.address(),
            endpoint: stack.proxy.url(),
            round: 0,
        };
        if tool != Tool::Jot {
            contender.write("aws/config", "");
            contender.write("aws/credentials", "");
        }
        eprintln!("setting up {}: {}", contender.name, contender.version);
        contender.change();
        match tool {
            Tool::Jot => (),
            Tool::AwsCli => contender.set_up_aws_cli(),
            Tool::Sam => contender.set_up_sam(stack),
            Tool::Terraform => contender.set_up_terraform()?,
        }
        succeed(&mut contender.deploy());
        Ok(contender)
    }

    /// The function's name in Lambda.
    pub fn function(&self) -> String {
        self.source.name(self.tool.key())
    }

    /// What its callers invoke: for jot, an alias.
    pub fn invoked(&self) -> String {
        match self.tool {
            Tool::Jot => self.function() + ":live",
            _ => self.function(),
        }
    }

    /// The answer to `[1, 2, 3]` once the sources are deployed.
    pub fn expected(&self) -> [u64; 3] {
        answer(self.addend())
    }

    /// Changes the line of the responder.
    pub fn change(&mut self) {
        self.round += 1;
        match self.tool {
            Tool::Jot => self.source.write_project(self.addend()),
            _ => write_context(&self.folder, self.addend()),
        }
    }

    fn addend(&self) -> u64 {
        self.source.addend(self.tool as u64, self.round)
    }

    /// The command that makes Lambda run the sources; the same with and without changes.
    pub fn deploy(&self) -> Command {
        match self.tool {
            Tool::Jot => {
                let mut jot = self.source.project.jot();
                jot.args(["apply", "--yes", "--format", "json"]);
                jot
            }
            Tool::AwsCli | Tool::Sam => self.command("./deploy.sh", &[]),
            Tool::Terraform => self.command(
                "terraform",
                &["apply", "-auto-approve", "-input=false", "-no-color"],
            ),
        }
    }

    fn set_up_aws_cli(&self) {
        self.write("create.sh", include_str!("aws-cli/create.sh"));
        self.write("deploy.sh", include_str!("aws-cli/deploy.sh"));
        succeed(&mut self.command("./create.sh", &[]));
    }

    /// Creates the repository that SAM needs. SAM's `docker login` uses the registry host from ECR,
    /// for which the emulator returns AWS's: Docker skips a login that it already has.
    fn set_up_sam(&self, stack: &Stack) {
        self.write("template.yaml", include_str!("sam/template.yaml"));
        self.write("deploy.sh", include_str!("sam/deploy.sh"));
        self.write(
            "docker/config.json",
            concat!(
                r#"{"auths": {"https://000000000000.dkr.ecr.eu-west-1.amazonaws.com": "#,
                r#"{"auth": "QVdTOng="}}}"#,
            ),
        );
        let operation = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";
        let body = format!(r#"{{"repositoryName": "{}"}}"#, self.function());
        let answer = http::aws_json(&stack.behind(), operation, &body).expect("ministack answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Not every machine can download the provider.
    fn set_up_terraform(&mut self) -> Result<(), String> {
        self.write("main.tf", include_str!("terraform/main.tf"));
        let mut init = self.command("terraform", &["init", "-input=false", "-no-color"]);
        if let Some(plugins) =
            std::env::var_os("JOT_BENCH_TERRAFORM_PLUGINS").filter(|path| !path.is_empty())
        {
            init.arg(format!("-plugin-dir={}", Path::new(&plugins).display()));
        }
        told(&mut init).ok_or("`terraform init` finds no provider hashicorp/aws")?;
        let versions = told(&mut self.command("terraform", &["version"])).unwrap_or_default();
        let provider = versions.lines().find(|line| line.contains("hashicorp/aws"));
        self.version += &provider
            .map(|line| line.replace("+ provider registry.terraform.io/", ", "))
            .unwrap_or_default();
        Ok(())
    }

    /// A command in the contender's folder that uses the emulator, without this machine's
    /// configuration.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        command.envs([
            ("NAME", self.function()),
            ("REGISTRY", self.registry.clone()),
            ("TF_VAR_name", self.function()),
            ("TF_VAR_registry", self.registry.clone()),
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
        ]);
        command.envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("SAM_CLI_TELEMETRY", "0"),
            ("CHECKPOINT_DISABLE", "1"),
        ]);
        // Separate files and folders keep the output of a tool in its own place.
        command.env("HOME", &self.folder);
        command.env("DOCKER_CONFIG", self.folder.join("docker"));
        command.env("AWS_CONFIG_FILE", self.folder.join("aws/config"));
        command.env(
            "AWS_SHARED_CREDENTIALS_FILE",
            self.folder.join("aws/credentials"),
        );
        command
    }

    fn write(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(&path, text).expect("the file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file's mode");
    }
}

/// Runs a command, and returns its output; its failure ends the benchmark.
pub fn succeed(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("the command starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{text}\n{errors}");
    text
}

/// The output of a command, if it can run and succeeds.
pub fn told(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}
