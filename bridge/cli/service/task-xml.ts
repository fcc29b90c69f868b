/** The Windows scheduled task as XML (Task Scheduler Schema 1.2). Pure. */
import { DefinitionError, MARK, type ServiceFacts } from './definition.ts';
import { escapeXml } from './xml-text.ts';

/** Elements stand in the order in which Task Scheduler itself writes them. */
export function toTaskXml({ command, user }: ServiceFacts): string {
  const [program, ...args] = command;
  for (const part of [...command, user.home]) refuseVariables(part);
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>${escapeXml(user.name)}</Author>
    <Description>Photo Bridge, local daemon for photo batches. ${MARK}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${escapeXml(user.name)}</UserId>
      <Delay>PT10S</Delay>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${escapeXml(user.name)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>true</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>5</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(program)}</Command>
      <Arguments>${escapeXml(args.map(quoteWindowsArgument).join(' '))}</Arguments>
      <WorkingDirectory>${escapeXml(user.home)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
}

/** Task Scheduler fills in `%NAME%` and `$(Arg0)` and has no way to write them literally. */
function refuseVariables(text: string): void {
  if (!/%[^%]+%|\$\(/.test(text)) return;
  throw new DefinitionError(
    `Windows would read a variable into ${text}: rename the folder with the % or $ in its name`,
  );
}

/** One argument as CommandLineToArgvW and the C runtime read it: backslashes count only before a quote. */
export function quoteWindowsArgument(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text;
  const inner = text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  return `"${inner}"`;
}
